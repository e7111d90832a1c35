/** The prompt of `sql`, as a user has it: on a terminal. */
import { equal, match, ok } from "node:assert/strict";
import { inspectorAt, runInspector } from "../support/inspector_cli.ts";
import { fixturePath } from "../support/make_fixture.ts";
import { KEY, PromptSession } from "../support/prompt_session.ts";
import { TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const HISTORY = ".xdp-inspector_history";

/** What the prompt looks like; node:readline places the cursor with escapes. */
const READY = /sql> /;
const MORE = /\.\.\.> /;

function start(home: TempDirectory, ...args: string[]): PromptSession {
  // What the runtime has in its cache is not in that home directory.
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const env = { ...TERMINAL_ENV, HOME: home.path, DENO_DIR: cache };
  return PromptSession.start(
    inspectorAt(home.path, "sql", "-f", fixturePath("complete"), ...args),
    env,
  );
}

async function ask(prompt: PromptSession, line: string): Promise<string> {
  await prompt.type(`${line}${KEY.enter}`);
  // The first prompt is the one that the line was typed at.
  return await prompt.until(/\n[\s\S]*sql> /);
}

Deno.test("the prompt of sql answers, also over several lines, and leaves with Ctrl-D", async () => {
  using home = TempDirectory.create();
  await using prompt = start(home);
  match(await prompt.until(READY), /complete\.parquet; \.help shows commands/);
  match(await ask(prompt, "SELECT count(*) AS n FROM packets;"), /36\r\n1 row\r\n/);
  await prompt.type(`SELECT 'a${KEY.enter}`);
  await prompt.until(MORE);
  await prompt.type(`;b' AS text,${KEY.enter}`);
  await prompt.until(MORE);
  match(await ask(prompt, "6 * 7 AS answer; SELECT 8 AS eight;"), /42\r\n1 row\r\n[\s\S]*eight/);
  await prompt.type(KEY.ctrlD);
  equal(await prompt.end(), 0);
});

Deno.test("the prompt of sql says what is wrong and goes on", async () => {
  using home = TempDirectory.create();
  await using prompt = start(home);
  await prompt.until(READY);
  match(
    await ask(prompt, "SELECT sorce_ip FROM packets;"),
    /"sorce_ip" not found[\s\S]*LINE 1: [\s\S]*\^/,
  );
  match(await ask(prompt, "DROP VIEW packets;"), /Cannot run DROP: statements may only read/);
  match(await ask(prompt, ".hlep"), /Unknown command "\.hlep"\r\n +Did you mean "\.help"/);
  match(await ask(prompt, ".help"), /\.explain REPORT +the query of a report/);
  match(await ask(prompt, ".views"), /packets +one row[\s\S]*recordings +one row/);
  match(await ask(prompt, ".schema"), /tcp_flags +UTINYINT[\s\S]*in_net\(ip/);
  match(await ask(prompt, ".explain flows"), /GROUP BY direction, source_ip/);
  match(await ask(prompt, "SELECT 5 AS five;"), /5\r\n1 row/);
  await prompt.type(`.quit${KEY.enter}`);
  equal(await prompt.end(), 0);
});

Deno.test("Ctrl-C at the prompt of sql ends the query, and else what was typed", async () => {
  using home = TempDirectory.create();
  await using prompt = start(home);
  await prompt.until(READY);
  await prompt.type(
    `SELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 5;${KEY.enter}`,
  );
  // A second later, or later, the line that says how far it is.
  await prompt.until(/querying: .*[1-9]\.00 s/);
  await prompt.type(KEY.ctrlC);
  const ended = await prompt.until(READY);
  // It may be drawn once more before the key is there.
  const drawn = ended.split("\r\x1b[K").filter((text) => !text.startsWith("querying: "));
  equal(drawn[0], "", ended);
  ok(drawn[1]!.startsWith("xdp-inspector: Ended by Ctrl-C\r\n"), ended);
  await prompt.type("SELECT 'half");
  await prompt.until(/half/);
  await prompt.type(KEY.ctrlC);
  await prompt.until(/\^C[\s\S]*sql> /);
  await prompt.type(`SELECT${KEY.enter}`);
  await prompt.until(MORE);
  await prompt.type(KEY.ctrlC);
  await prompt.until(READY);
  // Nothing of all that is left.
  match(await ask(prompt, "SELECT 7 AS seven;"), /7\r\n1 row/);
  await prompt.type(KEY.ctrlD);
  equal(await prompt.end(), 0);
});

Deno.test("Tab at the prompt of sql completes columns, views, functions and commands", async () => {
  using home = TempDirectory.create();
  await using prompt = start(home);
  await prompt.until(READY);
  const cases = [
    ["SELECT destination_p", "destination_port"],
    ["SELECT has_fl", "has_flags("],
    ["SELECT * FROM recordi", "recordings"],
    ["SELECT date_tru", "date_trunc"],
    [".explain flo", "flows"],
    [".vie", ".views"],
  ] as const;
  for (const [typed, word] of cases) {
    await prompt.type(typed + KEY.tab);
    await prompt.until(new RegExp(word.replace(/[.(]/g, "\\$&")));
    await prompt.type(KEY.ctrlC);
    await prompt.until(READY);
  }
});

Deno.test("the prompt of sql remembers what was asked, also the next time", async () => {
  using home = TempDirectory.create();
  for (const [index, typed] of ["SELECT 11 AS eleven;", KEY.up].entries()) {
    await using prompt = start(home);
    await prompt.until(READY);
    await prompt.type(typed);
    await prompt.until(/SELECT 11 AS eleven;/);
    await prompt.type(KEY.enter);
    match(await prompt.until(/row[\s\S]*sql> /), /11\r\n1 row/, `session ${index}`);
    await prompt.type(KEY.ctrlD);
    equal(await prompt.end(), 0);
  }
  equal(Deno.readTextFileSync(home.file(HISTORY)).split("\n")[0], "SELECT 11 AS eleven;");
  equal(Deno.statSync(home.file(HISTORY)).mode! & 0o777, 0o600);
});

Deno.test("sql takes a query from standard input where there is no terminal", async () => {
  const { code, stdout, stderr } = await runInspector(["sql", "-f", fixturePath("complete")]);
  ok(code === 1 && stdout === "", stdout);
  match(stderr, /Cannot run the query: it is empty/);
  const asked = await runInspector(["sql", "-f", fixturePath("complete"), "SLECT 1"]);
  equal(asked.code, 1);
  match(asked.stderr, /Parser Error[^\n]*\n {2}LINE 1: SLECT 1\n {10}\^\n/);
});
