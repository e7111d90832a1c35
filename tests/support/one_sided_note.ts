/**
 * The lines below a report that say how many rows are not certain: those of which the packets of one side only
 * were seen, and those that the end may have cut off from an answer.
 *
 * @module
 */
import { Recordings } from "../../src/query/recordings.ts";
import { cutOffLine, oneSidedLine } from "../../src/render/footer.ts";
import { findReport } from "../../src/reports/all.ts";
import { answerReport, type TableAnswer } from "../../src/reports/answer.ts";
import { stats } from "../unit/cli/parsing.ts";

/** Of `stats <words> <path>`; empty where nothing is said. */
export async function oneSidedNote(path: string, ...words: string[]): Promise<string> {
  const { section, trust } = await asked([path], words);
  return oneSidedLine(section, trust)?.text ?? "";
}

/** Of `stats <words> <paths>`; empty where nothing is said. */
export async function cutOffNote(paths: readonly string[], ...words: string[]): Promise<string> {
  const { section, trust } = await asked(paths, words);
  return cutOffLine(section, trust)?.text ?? "";
}

async function asked(paths: readonly string[], words: string[]): Promise<TableAnswer> {
  const { report, choices, selection } = stats(...words);
  using recordings = await Recordings.open(paths, { ...selection && { selection } });
  const request = { limit: 1, withFound: true, choices };
  const answer = await answerReport(recordings, findReport(report), request);
  if (answer.kind !== "table") throw new TypeError(report);
  for await (const _ of answer.section.batches);
  return answer;
}
