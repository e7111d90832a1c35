/**
 * An interface that comes and goes while it is recorded, and what a recording says of it.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import type { BackgroundProcess } from "./child_process.ts";
import { waitFor } from "./deadline.ts";
import { inspector, type JsonReport } from "./inspector_cli.ts";
import type { NetnsEnd, NetnsPair } from "./netns.ts";
import { query } from "./parquet_rows.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** Limit for whatever is waited for, milliseconds. */
export const LIMIT_MS = 60_000;

/** Its name, in the namespace of one end. */
export const LATE = "late0";
/** The address behind it. */
export const BEHIND = "10.93.0.2";

/** An element of the list of events. */
export interface Happened {
  readonly time: string;
  readonly interface: string;
  readonly event: string;
  readonly detail: string;
}

/** The report of `record --json`, with what happened. */
export interface LateReport extends JsonReport {
  readonly interfaces: readonly {
    readonly name: string;
    readonly direction: string;
    readonly hook: string | null;
    readonly packets_captured: number;
    readonly end_reason: string;
  }[];
  readonly interface_events: readonly Happened[];
  readonly interface_events_left_out: number;
}

/** Makes {@linkcode LATE} in `rig.b`, up, and its other end in `rig.a`. */
export async function makeLate({ a, b }: NetnsPair, name = LATE): Promise<void> {
  await b.check([
    ...["ip", "link", "add", name, "type", "veth"],
    ...["peer", "name", "behind0", "netns", a.namespace],
  ]);
  await a.check(["sh", "-ec", `ip address add ${BEHIND}/24 dev behind0; ip link set behind0 up`]);
  await b.check(["sh", "-ec", `ip address add 10.93.0.1/24 dev ${name}; ip link set ${name} up`]);
}

/** Sends so many packets each way. */
export async function pingLate({ b }: NetnsPair, count: number, name = LATE): Promise<void> {
  // The link may need a moment to be there, which is no reason to lose one of them.
  await waitFor(`"${name}" to have a carrier`, LIMIT_MS, async () => {
    return (await b.check(["cat", `/sys/class/net/${name}/carrier`])).trim() === "1";
  });
  await b.check(["ping", "-n", "-c", String(count), "-i", "0.05", "-W", "20", BEHIND]);
}

/** Starts `record`, whose ready file is `ready` in the directory. */
export function startRecord(
  { b }: { readonly b: NetnsEnd },
  directory: TempDirectory,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): BackgroundProcess {
  const ready = ["--ready-file", directory.file("ready")];
  return b.start(inspector("record", "--json", "-d", "0", ...ready, ...args), { env });
}

/** Waits for a line on standard error, so that it comes after what was said before. */
export async function line(process: BackgroundProcess, pattern: RegExp): Promise<string> {
  return await process.until(`the line ${pattern}`, LIMIT_MS, ({ stderr }) => {
    return pattern.exec(stderr)?.[0];
  });
}

/** Ends a recording, and expects that exit code. */
export async function ended(
  process: BackgroundProcess,
  signal: Deno.Signal = "SIGINT",
  code = 0,
): Promise<{ stderr: string; report: LateReport }> {
  process.signal(signal);
  const result = await process.end(LIMIT_MS);
  equal(result.code, code, result.stderr);
  return { stderr: result.stderr, report: JSON.parse(result.stdout) as LateReport };
}

/** What happened, in a few words each. */
export function told(events: readonly Happened[]): string[] {
  return events.map(({ interface: name, event, detail }) => `${name} ${event} ${detail}`.trim());
}

/** Packets of ICMP by `interface direction`. */
export async function icmpRows(path: string): Promise<Record<string, number>> {
  const rows = await query(
    path,
    `SELECT interface || ' ' || direction AS view, count(*)::INTEGER AS packets FROM packets
     WHERE protocol = 'ICMP' GROUP BY ALL ORDER BY ALL`,
  ) as { view: string; packets: number }[];
  return Object.fromEntries(rows.map(({ view, packets }) => [view, packets]));
}
