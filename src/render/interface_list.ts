/**
 * The list of interfaces, as a table and as JSON.
 *
 * @module
 */
import { jsonText } from "./json.ts";
import { renderTable, type Screen, type TableColumn } from "./table.ts";
import { visibleText } from "./visible_text.ts";

/** What the list says of one interface; the object of the JSON list, as it is. */
export type InterfaceRow = {
  readonly index: number;
  readonly name: string;
  readonly alternative_names: readonly string[];
  /** Whether it is administratively up. */
  readonly up: boolean;
  /** Operational state, RFC 2863. */
  readonly state: string;
  readonly mtu: number;
  readonly driver: string | null;
  /** Whether the driver has native XDP; null = unknown. */
  readonly native_xdp: boolean | null;
  readonly xdp_program: { readonly id: number; readonly mode: string } | null;
  /** Programs at TCX; null = cannot be seen, which takes CAP_NET_ADMIN. */
  readonly tcx_programs: readonly ProgramRow[] | null;
  /** Programs at clsact. */
  readonly clsact_programs: readonly ProgramRow[];
  /** What `record --mode auto` would take for packets that come in, and why; null = it would refuse. */
  readonly auto_ingress: {
    readonly hook: "native" | "tc" | "generic" | null;
    readonly reason: string;
  };
};

/** A program at a TC hook. */
export type ProgramRow = { readonly id: number; readonly direction: "ingress" | "egress" };

/** Shown where there is none. */
const NOTHING = "-";
const UNKNOWN = "unknown";

/** Columns over the cells that {@linkcode cells} makes. */
const COLUMNS: readonly TableColumn[] = [
  { ...column("#", 0), align: "right" },
  { ...column("Name", 1), shorten: "start" },
  column("State", 2),
  { ...column("MTU", 3), align: "right" },
  column("Driver", 4),
  column("Native XDP", 5),
  column("XDP program", 6),
  { ...column("TC programs", 7), shorten: "start" },
];

function column(heading: string, index: number): TableColumn {
  return { heading, align: "left", cell: (row) => String(row[index]) };
}

/** The list as lines of a table. */
export async function renderInterfaceTable(
  rows: readonly InterfaceRow[],
  screen: Screen,
): Promise<string> {
  let text = "";
  const batch = Promise.resolve(rows.map(cells));
  async function* batches() {
    yield await batch;
  }
  for await (const lines of renderTable(COLUMNS, batches(), screen)) text += lines;
  return text;
}

/** What `record --mode auto` would do about ingress, one line for all of which the same is to be said. */
export function renderAutoIngress(rows: readonly InterfaceRow[]): string {
  const alike = Map.groupBy(
    rows,
    ({ auto_ingress: { hook, reason } }) => `${hook ?? "nothing"}: ${reason}`,
  );
  return [...alike].map(([what, same]) => {
    const names = same.map(({ name }) => visibleText(name)).join(", ");
    return `--mode auto on ${names} takes ${what}\n`;
  }).join("");
}

/** The list as one JSON array, one interface a line. */
export function renderInterfaceJson(rows: readonly InterfaceRow[]): string {
  return `[${rows.map(jsonText).join(",\n ")}]\n`;
}

function cells(row: InterfaceRow): string[] {
  const native = row.native_xdp === null ? UNKNOWN : row.native_xdp ? "yes" : "no";
  const xdp = row.xdp_program === null
    ? NOTHING
    : `id ${row.xdp_program.id} ${row.xdp_program.mode}`;
  const describe = (hook: string) => ({ id, direction }: ProgramRow) =>
    `${hook} ${direction} id ${id}`;
  const tc = [
    ...row.tcx_programs?.map(describe("tcx")) ?? [`tcx ${UNKNOWN}`],
    ...row.clsact_programs.map(describe("clsact")),
  ];
  return [
    String(row.index),
    [row.name, ...row.alternative_names].join(", "),
    row.up ? row.state === UNKNOWN ? "up" : row.state : "down",
    String(row.mtu),
    row.driver ?? NOTHING,
    native,
    xdp,
    tc.join(", ") || NOTHING,
  ];
}
