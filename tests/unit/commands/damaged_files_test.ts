/** Files whose footer is good and whose pages are not: that shows when they are read. */
import assert from "node:assert/strict";
import type { ConvertFormat } from "../../../src/cli/convert_options.ts";
import { runConvert } from "../../../src/commands/convert/run_convert.ts";
import { runDiff } from "../../../src/commands/diff/run_diff.ts";
import { runReport } from "../../../src/commands/report/run_report.ts";
import { withoutDamaged } from "../../../src/commands/shared/without_damaged.ts";
import { runSql } from "../../../src/commands/sql/run_sql.ts";
import { runStats, type StatsOutput } from "../../../src/commands/stats/run_stats.ts";
import { RunError } from "../../../src/core/errors.ts";
import { DamagedFiles } from "../../../src/query/damaged_files.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { OutputFile } from "../../../src/sinks/output/output_file.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { runInspector } from "../../support/inspector_cli.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { footerOf } from "../sinks/readers.ts";

const NAMES = ["a", "b", "c"] as const;

/** Turns bytes of a column: at the head of its page, whose error names no file, or in its data. */
function damage(path: string, column: string, where: "head" | "data"): void {
  const [group] = footerOf(path).row_groups;
  const { meta_data: chunk } = group!.columns.find(({ meta_data }) =>
    meta_data!.path_in_schema[0] === column
  )!;
  const first = chunk!.dictionary_page_offset ?? chunk!.data_page_offset;
  const end = Number(first) + Number(chunk!.total_compressed_size);
  const start = where === "head" ? Number(first) : end - 12;
  const bytes = Deno.readFileSync(path);
  for (let at = start; at < Math.min(start + 12, end); at++) bytes[at]! ^= 0xff;
  Deno.writeFileSync(path, bytes);
}

/** Three recordings of different packets, the last of which is damaged, and the directory that they are in. */
async function recordings(directory: TempDirectory, column = "packet_length", where = "head") {
  const packets = mixedPackets();
  const found = directory.file("found");
  Deno.mkdirSync(found);
  const paths = NAMES.map((name) => `${found}/${name}.parquet`);
  for (const [index, path] of paths.entries()) {
    const own = packets.slice(index * 12, index * 12 + 12);
    await writeRecording(path, own, metadataOf(own));
  }
  damage(paths[2]!, column, where as "head" | "data");
  return { found, good: paths.slice(0, 2), bad: paths[2]! };
}

interface Answered {
  readonly code: number;
  readonly data: string;
  readonly note: string;
}

type Ask = (files: readonly string[]) => Promise<Answered>;

async function collected(run: (output: StatsOutput) => Promise<number>): Promise<Answered> {
  const [parts, notes]: [string[], string[]] = [[], []];
  const code = await run({
    data: (part) => parts.push(typeof part === "string" ? part : part.toBase64()),
    note: (text) => notes.push(text),
    screen: { width: null, colour: false },
  });
  return { code, data: parts.join(""), note: notes.join("") };
}

const stats = (report: string, format: string): Ask => (files) =>
  collected((output) => runStats({ report, files, limit: null, format }, output));

const sql = (query: string, more = {}): Ask => (files) =>
  collected((output) => {
    const asked = { selection: EVERYTHING, queryFile: null, tables: [], isUnrestricted: false };
    return runSql({ ...asked, files, query, limit: 0, format: "csv", ...more }, output);
  });

const report: Ask = (files) =>
  collected((output) =>
    runReport({ files, selection: EVERYTHING, limit: null, timeoutMs: 0 }, output)
  );

const convert = (format: ConvertFormat): Ask => async (files) => {
  using directory = TempDirectory.create();
  const path = directory.file("output");
  let note = "";
  using file = OutputFile.prepare(path, { noClobber: false, force: false });
  const options = { files, selection: EVERYTHING, format, force: false, quiet: true };
  const code = await runConvert({ ...options, output: path }, file, (text) => note += text);
  if (format !== "parquet") return { code, data: Deno.readTextFileSync(path), note };
  using converted = await Recordings.open([path]);
  const query = { sql: "SELECT * FROM packets ORDER BY ALL", parameters: {} };
  const rows = (await Array.fromAsync(converted.rows(query))).flat();
  return { code, data: rows.map((row) => row.map(String).join()).join("\n"), note };
};

const ASKS: Record<string, Ask> = {
  "stats hosts as a table": stats("hosts", "table"),
  "stats conversations as CSV": stats("conversations", "csv"),
  "stats timeline as Arrow": stats("timeline", "arrow"),
  "stats summary as JSON": stats("summary", "json"),
  "stats summary as a table": stats("summary", "table"),
  report,
  // The head of the answer is there before the first row.
  "sql as CSV": sql("SELECT * FROM packets ORDER BY ALL"),
  "sql in the order of the files": sql("SELECT * FROM packets"),
  "convert to Parquet": convert("parquet"),
  "convert to CSV": convert("csv"),
};

for (const [name, ask] of Object.entries(ASKS)) {
  Deno.test(`${name} is about the other files of a directory when a page is damaged`, async () => {
    for (const where of ["head", "data"]) {
      using directory = TempDirectory.create();
      const { found, good, bad } = await recordings(directory, "packet_length", where);
      const answer = await ask([found]);
      assert.equal(answer.code, 1);
      const [first, nextStep, ...rest] = answer.note.split("\n");
      assert.equal(nextStep, "  Copy or record it again, or leave it out");
      assert.ok(first!.includes(`Cannot read "${bad}": the file is damaged: `), answer.note);
      // Who names the file wants its packets.
      await assert.rejects(
        () => ask([...good, bad]),
        (error) => error instanceof RunError && error.message.startsWith(`Cannot read "${bad}": `),
      );
      // As it is without a footer, which nobody can ask anything of.
      Deno.truncateSync(bad, 1000);
      const expected = await ask([found]);
      assert.equal(answer.data, expected.data);
      const [truncated, hint, ...others] = expected.note.split("\n");
      assert.match(truncated!, /c\.parquet": the Parquet file is truncated/);
      assert.match(hint!, /Record or copy it again$/);
      assert.deepEqual(rest, others);
    }
  });
}

Deno.test("runDiff() compares without damaged files of either directory", async () => {
  using directory = TempDirectory.create();
  const { found, good, bad } = await recordings(directory);
  const other = directory.file("other");
  Deno.mkdirSync(other);
  for (const path of good) Deno.copyFileSync(path, path.replace(found, other));
  const diff = (sides: readonly [string, string]) =>
    collected((output) =>
      runDiff({
        sides,
        selection: EVERYTHING,
        by: null,
        limit: 10,
        format: "json",
        exitCode: false,
        output: null,
        force: false,
        timeoutMs: 0,
      }, output)
    );
  const expected = await diff([other, good[0]!]);
  const answer = await diff([found, good[0]!]);
  assert.deepEqual([expected.code, answer.code], [0, 1]);
  assert.equal(answer.data, expected.data);
  assert.equal(answer.note.split(`Cannot read "${bad}": the file is damaged: `).length, 2);
  await assert.rejects(() => diff([other, bad]), { message: /c\.parquet": the file is damaged/ });
});

Deno.test("xdp-inspector convert prints the packets of the files that are not damaged", async () => {
  using directory = TempDirectory.create();
  const { found, good, bad } = await recordings(directory, "source_port", "data");
  const convert = (files: readonly string[]) =>
    runInspector(["convert", ...files, "-o", "-", "--format", "csv"]);
  const expected = await convert(good);
  const answer = await convert([found]);
  assert.equal(answer.stdout, expected.stdout);
  assert.ok(answer.stdout.split("\n").length > 20);
  assert.equal(answer.code, 1);
  assert.ok(answer.stderr.includes(`Cannot read "${bad}": the file is damaged: `), answer.stderr);
});

Deno.test("runStats() does not miss what it need not read", async () => {
  using directory = TempDirectory.create();
  const { found, good, bad } = await recordings(directory, "tcp_acknowledgment");
  const answer = await stats("hosts", "csv")([found]);
  assert.equal(answer.code, 0);
  assert.doesNotMatch(answer.note, /damaged|left out/);
  const complete = await stats("hosts", "csv")([...good, bad]);
  assert.equal(answer.data, complete.data);
});

Deno.test("runStats() fails when all files of a directory are damaged inside, or one of those that are named", async () => {
  using directory = TempDirectory.create();
  const { found, good: [a, b], bad } = await recordings(directory);
  damage(b!, "protocol", "head");
  const ask = stats("conversations", "csv");
  // One that was named beside those that were found.
  await assert.rejects(() => ask([b!, found]), {
    message: /^Cannot read ".*b\.parquet": the file is damaged: /,
  });
  assert.equal((await ask([found])).data, (await ask([a!])).data);
  damage(a!, "packet_length", "data");
  await assert.rejects(() => ask([found]), {
    message: /^Cannot read ".*[abc]\.parquet": the file is damaged: /,
  });
  assert.ok(bad.endsWith("c.parquet"));
});

Deno.test("runSql() does not run statements again that may have changed something", async () => {
  using directory = TempDirectory.create();
  const { found } = await recordings(directory);
  const ask = sql("SELECT sum(packet_length) FROM packets", { isUnrestricted: true });
  await assert.rejects(() => ask([found]), { message: /^Cannot run the query: / });
});

Deno.test("withoutDamaged() does not ask again when something was printed", async () => {
  const parts: string[] = [];
  const output = { data: (part: unknown) => parts.push(String(part)), note: () => {} };
  const fault = new DamagedFiles(new Map([["/c", new RunError('Cannot read "c": damaged')]]));
  const found = { files: [{ open: { input: { named: false } } }] } as unknown as Recordings;
  const ask = async (text: string) => {
    let attempts = 0;
    const answer = withoutDamaged(output, async (attempt) => {
      attempts++;
      attempt.hold(found);
      await attempt.data(text);
      if (attempt.damaged.size === 0) throw fault;
      await attempt.data("end");
      await attempt.flush();
    });
    return [await answer.then(() => "answered", (error) => error.message), attempts];
  };
  assert.deepEqual(await ask("short,"), ["answered", 2]);
  assert.deepEqual(parts, ["short,", "end"]);
  const long = "x".repeat(2 ** 20 + 1);
  assert.deepEqual(await ask(long), ['Cannot read "c": damaged', 1]);
  assert.deepEqual(parts.slice(2), [long]);
});
