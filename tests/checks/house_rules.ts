/**
 * Holds the style of messages: errors that users read end without a period, have no contractions
 * and put values in double quotes.
 *
 *     deno run -A tests/checks/house_rules.ts
 *
 * @module
 */
import { type Finding, finish, readSources, type SourceFile } from "./findings.ts";
import { matches, type Token, tokenize } from "./tokens.ts";

/** The classes whose message or hint a user reads. */
const MESSAGE_CLASSES = [
  "InspectorError",
  "RunError",
  "UsageError",
  "UnsupportedError",
  "InvalidValue",
];

const RULES: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/\b\w+n['’]t\b|\b(?:it|that|there|what)['’]s\b|\b\w+['’](?:ll|re|ve)\b/i, "a contraction"],
  [/(?:^|\s)'\$\{\}'/, "a value in single quotes"],
  [/\bplease\b/i, '"please"'],
  [/!$/, "an exclamation mark"],
];

/** Checks the texts given to the error classes in the given files. */
export function checkHouseRules(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const tokens = tokenize(text);
    return tokens.flatMap((_, index) => {
      const isMessage = matches(tokens, index, ["new"]) && matches(tokens, index + 2, ["("]) &&
        MESSAGE_CLASSES.includes(tokens[index + 1]?.text ?? "");
      return isMessage ? checkCall(path, tokens, index + 2) : [];
    });
  });
}

/** Checks all texts between the parenthesis at `open` and the one that closes it. */
function checkCall(path: string, tokens: readonly Token[], open: number): Finding[] {
  const findings: Finding[] = [];
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === "punctuation" && /[([{]/.test(token.text)) depth++;
    if (token.kind === "punctuation" && /[)\]}]/.test(token.text)) depth--;
    if (depth === 0) break;
    if (token.kind !== "string" && token.kind !== "template") continue;
    const broken = RULES.filter(([pattern]) => pattern.test(token.text)).map(([, text]) => text);
    // Only the end of the whole text counts: "+" says that more follows.
    if (/[a-z}].*\.$/is.test(token.text) && !matches(tokens, index + 1, ["+"])) {
      broken.push("a final period");
    }
    for (const text of broken) {
      findings.push({ path, line: token.line, text: `"${token.text}": a message with ${text}` });
    }
  }
  return findings;
}

if (import.meta.main) {
  const files = readSources(["src", "ffi"], [".ts"]);
  finish("house rules", files.length, checkHouseRules(files));
}
