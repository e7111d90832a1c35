/**
 * The line below a report that says of how many rows the packets of one side only were seen.
 *
 * @module
 */
import { Recordings } from "../../src/query/recordings.ts";
import { oneSidedLine } from "../../src/render/footer.ts";
import { findReport } from "../../src/reports/all.ts";
import { answerReport } from "../../src/reports/answer.ts";
import { stats } from "../unit/cli/parsing.ts";

/** Of `stats <words> <path>`; empty where nothing is said. */
export async function oneSidedNote(path: string, ...words: string[]): Promise<string> {
  const { report, choices, selection } = stats(...words);
  using recordings = await Recordings.open([path], { ...selection && { selection } });
  const request = { limit: 1, withFound: true, choices };
  const answer = await answerReport(recordings, findReport(report), request);
  if (answer.kind !== "table") throw new TypeError(report);
  for await (const _ of answer.section.batches);
  return oneSidedLine(answer.section, answer.trust)?.text ?? "";
}
