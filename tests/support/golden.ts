/**
 * Golden output of `stats`: every report in every format, from the committed fixtures.
 *
 * A file is named after its input and flags: `complete.flows.table.w40.txt` is what
 * `stats flows -f complete.parquet` prints on a terminal of 40 columns.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { StatsOptions } from "../../src/cli/stats_options.ts";
import { runStats } from "../../src/commands/stats/run_stats.ts";
import { FORMATS } from "../../src/render/formats.ts";
import { REPORTS } from "../../src/reports/all.ts";
import type { TableReport } from "../../src/reports/report.ts";
import { called } from "../unit/cli/parsing.ts";
import { type FixtureName, fixturePath } from "./make_fixture.ts";

/** Directory of the golden files. */
export const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

export interface GoldenCase {
  readonly file: string;
  readonly fixture: FixtureName;
  readonly report: string;
  readonly format: string;
  readonly limit: number | null;
  /** What is written for the report beside its name, as on the command line. */
  readonly choices: readonly string[];
  readonly width: number | null;
  readonly colour: boolean;
  readonly unicode: boolean;
}

/**
 * Bytes are compared by what readers make of them: `binary_formats_test.ts`. So are pages, of which most is
 * the same: `html_test.ts` and `report_page_test.ts`.
 */
const TEXT_FORMATS = FORMATS.filter(({ name, isBinary }) => isBinary !== true && name !== "html");

/** Every case; no two share a file. */
export function goldenCases(): GoldenCase[] {
  const cases = REPORTS.flatMap(({ name: report }) => [
    ...TEXT_FORMATS.map(({ name: format }) => goldenCase("complete", report, format)),
    ...[40, 80, 120].map((width) => goldenCase("complete", report, "table", { width })),
    goldenCase("lossy", report, "table"),
    ...TEXT_FORMATS.map(({ name: format }) => goldenCase("empty", report, format)),
    ...TEXT_FORMATS.map(({ name: format }) => goldenCase("hostile", report, format)),
    goldenCase("hostile", report, "table", { width: 40 }),
    goldenCase("complete", report, "table", { limit: 2 }),
    goldenCase("complete", report, "json", { limit: 2 }),
  ]);
  cases.push(
    goldenCase("lossy", "summary", "json"),
    goldenCase("lossy", "summary", "csv"),
    goldenCase("lossy", "summary", "table", { width: 80, colour: true }),
    goldenCase("complete", "summary", "table", { limit: 0 }),
    ...tables().flatMap(({ name, by }) =>
      (by?.groupings ?? []).map((key) =>
        goldenCase("complete", name, "table", { choices: ["--by", key.name] })
      )
    ),
    ...["subnet/8/32", "subnet/32"].map((key) =>
      goldenCase("complete", "top", "table", { choices: ["--by", key] })
    ),
    goldenCase("complete", "top", "json", { choices: ["--by", "dscp"] }),
    goldenCase("complete", "top", "table", { choices: ["--sort", "-packet_count"] }),
    goldenCase("complete", "timeline", "table", { choices: ["--every", "10s"] }),
    goldenCase("complete", "timeline", "csv", { choices: ["--every", "10s", "--by", "protocol"] }),
    goldenCase("hostile", "timeline", "table", { choices: ["--by", "source"] }),
    goldenCase("hostile", "top", "table", { choices: ["--by", "subnet"] }),
    ...["timeline", "sizes", "traffic", "top"].flatMap((report) =>
      [40, 80, 120].map((width) =>
        goldenCase("complete", report, "table", { width, unicode: true })
      )
    ),
    ...["conversations", "connections", "tcp"].flatMap((report) => [
      ...TEXT_FORMATS.map(({ name }) => goldenCase("connections", report, name)),
      ...[40, 80, 120].map((width) => goldenCase("connections", report, "table", { width })),
    ]),
    ...[["--state", "failed"], ["--state", "midstream,reset"], ["--slow", "41ms"]].flatMap(
      (choices) => [
        goldenCase("connections", "connections", "table", { choices }),
        goldenCase("connections", "connections", "json", { choices }),
      ],
    ),
  );
  return cases;
}

/** What the case prints on standard output. */
export async function goldenText(
  { fixture, report, format, limit, choices, width, colour, unicode }: GoldenCase,
) {
  let text = "";
  const { options } = called(["stats", report, ...choices]);
  const files = [fixturePath(fixture)];
  await runStats({ ...options as StatsOptions, files, limit, format }, {
    data: (part) => text += part,
    note: () => {},
    screen: { width, colour, unicode },
  });
  return text;
}

function tables(): TableReport[] {
  return REPORTS.filter((report) => report.kind === "table");
}

function goldenCase(
  fixture: FixtureName,
  report: string,
  format: string,
  { width = null, colour = false, unicode = false, limit = null, choices = [] }: {
    width?: number | null;
    colour?: boolean;
    unicode?: boolean;
    limit?: number | null;
    choices?: readonly string[];
  } = {},
): GoldenCase {
  const flags = [
    ...choices.map((word) => word.replace(/^--/, "").replaceAll("/", "_")),
    ...(limit === null ? [] : [`n${limit}`]),
    ...(width === null ? [] : [`w${width}`]),
    ...(colour ? ["colour"] : []),
    ...(unicode ? ["unicode"] : []),
  ];
  const file = [fixture, report, format, ...flags, "txt"].join(".");
  return { file, fixture, report, format, limit, choices, width, colour, unicode };
}
