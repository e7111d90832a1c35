/**
 * `record --list-interfaces`: what there is to record.
 *
 * @module
 */
import {
  type ListedInterface,
  listInterfaces,
  type TcProgram,
} from "../../attach/interface_list.ts";
import { linkHeader } from "../../attach/link_header.ts";
import { EXIT } from "../../core/errors.ts";
import { writeStdout } from "../../core/standard_streams.ts";
import { stdoutLook } from "../../core/terminal.ts";
import {
  type InterfaceRow,
  type ProgramRow,
  renderAutoIngress,
  renderInterfaceJson,
  renderInterfaceTable,
} from "../../render/interface_list.ts";

/** Settings of `record --list-interfaces`. */
export interface ListInterfacesOptions {
  /** Print the list as JSON. */
  readonly json: boolean;
}

/**
 * Prints the interfaces of this network namespace.
 *
 * @returns exit code
 */
export async function runListInterfaces(options: ListInterfacesOptions): Promise<number> {
  const rows = listInterfaces().map((
    { link, driver, nativeXdp, expected, tcx, clsact },
  ): InterfaceRow => ({
    index: link.index,
    name: link.name,
    alternative_names: link.alternativeNames,
    up: link.up,
    state: link.state,
    mtu: link.mtu,
    driver,
    native_xdp: nativeXdp,
    xdp_program: link.xdp && { id: link.xdp.programId, mode: link.xdp.mode },
    tcx_programs: tcx?.map(programRow) ?? null,
    clsact_programs: clsact.map(programRow),
    auto_ingress: autoIngress(link, expected),
  }));
  writeStdout(
    options.json
      ? renderInterfaceJson(rows)
      : `${await renderInterfaceTable(rows, stdoutLook())}\n${renderAutoIngress(rows)}`,
  );
  return EXIT.DONE;
}

/** What `record` would do about ingress, refusals included. */
function autoIngress(
  link: ListedInterface["link"],
  { kind, reason }: ListedInterface["expected"],
): InterfaceRow["auto_ingress"] {
  const header = linkHeader(link);
  if (header === null) return { hook: null, reason: "its packets are neither Ethernet nor IP" };
  if (link.xdp !== null && header === "ethernet") {
    return { hook: null, reason: "another XDP program is attached" };
  }
  return { hook: kind, reason };
}

function programRow({ programId, direction }: TcProgram): ProgramRow {
  return { id: programId, direction };
}
