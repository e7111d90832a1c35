/**
 * What the `check` command found, as lines and as JSON.
 *
 * @module
 */
import type { CheckFinding, CheckStatus } from "../contract/check_finding.ts";
import { jsonText } from "./json.ts";
import { formatAmount } from "../core/quantity.ts";
import { bold, warning } from "./style.ts";
import { displayWidth, visibleText } from "./visible_text.ts";

const STATUS_WIDTH = 6;

/**
 * One line for each finding, `warn  eth0 gro  on: ...`, the fix on a line below it, and a line with
 * the sum.
 */
export function renderCheckLines(findings: readonly CheckFinding[], colour: boolean): string {
  const subjects = findings.map(subject);
  const width = Math.max(...subjects.map(displayWidth));
  const lines = findings.flatMap(({ status, message, fix }, index) => {
    const name = subjects[index]!;
    const padding = " ".repeat(width - displayWidth(name));
    const line = `${paint(status, colour)}${name}${padding}  ${visibleText(message)}`;
    // What helps several in a row is said once, behind the last of them.
    const isSaid = fix === null || fix === findings[index + 1]?.fix;
    return isSaid ? [line] : [line, `${" ".repeat(STATUS_WIDTH)}  ${visibleText(fix)}`];
  });
  return [...lines, "", sum(findings)].map((line) => `${line}\n`).join("");
}

/** The findings as one JSON array, one a line. */
export function renderCheckJson(findings: readonly CheckFinding[]): string {
  return `[${findings.map(jsonText).join(",\n ")}]\n`;
}

function subject({ check, interface: name }: CheckFinding): string {
  return name === null ? check : `${visibleText(name)} ${check}`;
}

function paint(status: CheckStatus, colour: boolean): string {
  const word = status.padEnd(STATUS_WIDTH);
  if (status === "ok") return word;
  return status === "warn" ? warning(word, colour) : bold(word, colour);
}

function sum(findings: readonly CheckFinding[]): string {
  const count = (wanted: CheckStatus) => findings.filter(({ status }) => status === wanted).length;
  const [failures, warnings] = [count("fail"), count("warn")];
  const warned = formatAmount(warnings, "warning");
  return failures === 0
    ? `recording works, ${warned}`
    : `recording does not work: ${formatAmount(failures, "failure")}, ${warned}`;
}
