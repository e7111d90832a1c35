/**
 * The reports. Command line, help, completions, manual page and REFERENCE.md follow from this list.
 *
 * @module
 */
import { CONNECTIONS } from "./connections.ts";
import { CONVERSATIONS } from "./conversations.ts";
import { FLOWS } from "./flows.ts";
import { HOSTS } from "./hosts.ts";
import { ICMP } from "./icmp.ts";
import { INTERFACES } from "./interfaces.ts";
import { LOSS } from "./loss.ts";
import { PORTS } from "./ports.ts";
import type { Report, TableReport } from "./report.ts";
import { SCANS } from "./scans.ts";
import { SIZES } from "./sizes.ts";
import { SUMMARY } from "./summary.ts";
import { TCP } from "./tcp.ts";
import { TIMELINE } from "./timeline.ts";
import { TOP } from "./top.ts";
import { TRAFFIC } from "./traffic.ts";

/** All reports, in the order of the help; the first is the one that nobody needs to name. */
export const REPORTS: readonly Report[] = [
  SUMMARY,
  TOP,
  FLOWS,
  CONVERSATIONS,
  CONNECTIONS,
  TCP,
  TRAFFIC,
  TIMELINE,
  HOSTS,
  PORTS,
  SIZES,
  SCANS,
  ICMP,
  INTERFACES,
  LOSS,
];

/** The report of this name. */
export function findReport(name: string, reports: readonly Report[] = REPORTS): Report {
  const report = reports.find((one) => one.name === name);
  if (report === undefined) throw new TypeError(`no report is named "${name}"`);
  return report;
}

/** The reports that are part of a summary, in its order. */
export function summarySections(reports: readonly Report[] = REPORTS): TableReport[] {
  return reports
    .filter((report) => report.kind === "table")
    .filter(({ section }) => section !== undefined)
    .sort((one, other) => one.section!.place - other.section!.place);
}
