/**
 * The prompt of `sql`.
 *
 * @module
 */
import { createInterface, type Interface } from "node:readline";
import { reportError } from "../../cli/error_report.ts";
import { noteFaults } from "../../cli/file_faults.ts";
import type { SqlOptions } from "../../cli/sql_options.ts";
import { EXIT, InspectorError } from "../../core/errors.ts";
import { suggestion } from "../../core/near_names.ts";
import { writeStderr, writeStdout } from "../../core/standard_streams.ts";
import { stdoutLook } from "../../core/terminal.ts";
import { VERSION } from "../../core/version.ts";
import { splitStatements } from "../../query/statements.ts";
import { findFormat } from "../../render/formats.ts";
import { findReport, REPORTS } from "../../reports/all.ts";
import { explainReport } from "../../reports/answer.ts";
import { schemaText } from "../schema/schema_text.ts";
import { ProgressLine } from "../stats/progress_line.ts";
import { StatsStop } from "../stats/stats_stop.ts";
import { type History, MAX_LINES } from "./history.ts";
import { completeLine, DOT_COMMANDS } from "./prompt_words.ts";
import { TABLE_LIMIT, warnings } from "./run_sql.ts";
import { SqlSession } from "./sql_session.ts";
import type { TerminalStreams } from "./terminal_streams.ts";

const PROMPT = "sql> ";
const MORE = "...> ";

const PRIVATE_UMASK = 0o077;

/** Ends a query, and nothing else. */
class QueryEnded extends InspectorError {
  constructor() {
    super("Ended by Ctrl-C", EXIT.INTERRUPTED);
  }
}

/**
 * Asks for statements until the user leaves.
 *
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out
 */
export async function runPrompt(options: SqlOptions, terminal: TerminalStreams): Promise<number> {
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    using stop = new StatsStop(0, Deno, undefined, "the query");
    await using progress = new ProgressLine();
    using session = await SqlSession.open(options, stop.signal, progress);
    await progress[Symbol.asyncDispose]();
    const { recordings } = session;
    const isPartial = noteFaults(recordings, writeStderr);
    writeStderr(await warnings(session));
    const prompt = new Prompt(session, options, stop, terminal.history);
    await prompt.run(terminal);
    recordings.checkUnchanged();
    return isPartial ? EXIT.FAILURE : EXIT.DONE;
  } finally {
    Deno.umask(umask);
  }
}

class Prompt {
  readonly #session: SqlSession;
  readonly #options: SqlOptions;
  readonly #stop: StatsStop;
  readonly #history: History;
  /** Lines of a statement that has no end yet. */
  #text = "";
  #isLeft = false;
  /** Ends the query that runs; null = none does. */
  #query: AbortController | null = null;

  constructor(
    session: SqlSession,
    options: SqlOptions,
    stop: StatsStop,
    history: History,
  ) {
    this.#history = history;
    this.#session = session;
    this.#options = options;
    this.#stop = stop;
  }

  async run({ input, output }: TerminalStreams): Promise<void> {
    const files = this.#session.recordings.fileCount;
    const shown = files === 1 ? this.#session.recordings.paths[0]! : `${files} files`;
    writeStdout(`xdp-inspector ${VERSION} on ${shown}; .help shows commands\n`);
    const lines = createInterface({
      input,
      output,
      terminal: true,
      prompt: PROMPT,
      history: [...this.#history.lines],
      historySize: MAX_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, answer: (error: null, words: [string[], string]) => void) => {
        const { session } = this.#session.recordings;
        const free = this.#query === null ? session : null;
        completeLine(line, this.#text, free).then((words) => answer(null, words));
      },
    });
    const left = Promise.withResolvers<void>();
    // One after the other, also where several lines are pasted.
    let before = Promise.resolve();
    const take = async (line: string) => {
      if (this.#isLeft) return;
      this.#isLeft = await this.#take(line);
      if (this.#isLeft) return left.resolve();
      lines.setPrompt(this.#text === "" ? PROMPT : MORE);
      lines.prompt();
    };
    lines.on("line", (line: string) => {
      before = before.then(() => take(line));
      before.catch(left.reject);
    });
    lines.on("close", () => before.then(left.resolve, left.reject));
    lines.on("SIGINT", () => this.#interrupt(lines));
    const stopped = () => lines.close();
    this.#stop.signal.addEventListener("abort", stopped);
    try {
      lines.prompt();
      await left.promise;
    } finally {
      this.#stop.signal.removeEventListener("abort", stopped);
      lines.close();
    }
    this.#stop.signal.throwIfAborted();
  }

  /** Ctrl-C: ends the query that runs, else what was typed is dropped. */
  #interrupt(lines: Interface): void {
    if (this.#query !== null) return this.#query.abort(new QueryEnded());
    this.#text = "";
    writeStdout("^C\n");
    lines.setPrompt(PROMPT);
    // Nothing of what was typed is left.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    lines.prompt();
  }

  /** @returns whether the user wants to leave */
  async #take(line: string): Promise<boolean> {
    this.#history.add(line);
    if (this.#text === "" && line.trim().startsWith(".")) return this.#command(line.trim());
    this.#text += `${line}\n`;
    const { complete, rest } = splitStatements(this.#text);
    this.#text = rest === "" ? "" : `${rest}\n`;
    for (const statement of complete) {
      if (!await this.#ask(statement)) break;
    }
    return false;
  }

  /** @returns false if the statements behind it are not to be run */
  async #ask(statement: string): Promise<boolean> {
    const query = new AbortController();
    this.#query = query;
    const { session } = this.#session.recordings;
    session.stop = AbortSignal.any([query.signal, this.#stop.signal]);
    try {
      const { limit, format } = this.#options;
      const { renderRows, hasNotes } = findFormat(format);
      await using progress = new ProgressLine();
      progress.follow(this.#session.recordings);
      const answer = await this.#session.ask(statement, limit ?? (hasNotes ? TABLE_LIMIT : 0));
      for await (const part of renderRows(answer, stdoutLook())) {
        query.signal.throwIfAborted();
        this.#stop.signal.throwIfAborted();
        await progress.clear(typeof part === "string" ? part : undefined);
        writeStdout(part);
      }
      return true;
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (!(error instanceof InspectorError)) throw error;
      writeStderr(reportError(error, false).text);
      return false;
    } finally {
      this.#query = null;
      session.stop = this.#stop.signal;
    }
  }

  /** @returns whether the user wants to leave */
  #command(line: string): boolean {
    const [name = "", argument] = line.replace(/;$/, "").split(/\s+/);
    switch (name) {
      case ".quit":
      case ".exit":
        return true;
      case ".help":
        writeStdout(DOT_COMMANDS.map(([usage, help]) => `${usage.padEnd(15)}  ${help}\n`).join(""));
        return false;
      case ".schema":
        writeStdout(schemaText(stdoutLook()));
        return false;
      case ".views":
        writeStdout(schemaText(stdoutLook(), { onlyNames: true }));
        return false;
      case ".explain":
        writeStdout(explained(argument));
        return false;
    }
    const names = DOT_COMMANDS.map(([usage]) => usage.split(" ")[0]!);
    const hint = suggestion(name, names) ?? ".help shows the commands";
    writeStderr(`Unknown command "${name}"\n  ${hint}\n`);
    return false;
  }
}

function explained(name: string | undefined): string {
  const names = REPORTS.map((report) => report.name);
  if (name === undefined || !names.includes(name)) return `Reports: ${names.join(", ")}\n`;
  return explainReport(findReport(name), { limit: null });
}
