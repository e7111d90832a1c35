/**
 * The tables and the JSON file of a benchmark run.
 *
 * @module
 */
import { readTextOr } from "./machine.ts";
import type { Figure, Suite, SuiteResult } from "./suite.ts";

/** Everything that was measured, as `--json` writes it. */
export interface BenchReport {
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly mode: "quick" | "full";
  readonly started: string;
  readonly suites: readonly (SuiteResult & { readonly name: string; readonly what: string })[];
}

/** What the figures were measured on. */
export function describeMachine(): Record<string, string | number> {
  const cpu = /^model name\s*:\s*(.*)$/m.exec(readTextOr("/proc/cpuinfo", ""))?.[1];
  return {
    cpu: cpu ?? Deno.build.arch,
    cpus: navigator.hardwareConcurrency,
    memory_bytes: Deno.systemMemoryInfo().total,
    kernel: Deno.osRelease(),
    deno: Deno.version.deno,
    load_average: Deno.loadavg()[0]!,
  };
}

/** The table of one suite. */
export function renderSuite(suite: Suite, result: SuiteResult): string[] {
  const columns = [...new Set(result.rows.flatMap((row) => Object.keys(row.figures)))];
  const header = ["", ...columns];
  const lines = result.rows.map((row) => {
    const cells = columns.map((column) => {
      const found = row.figures[column];
      return found === undefined ? "" : renderFigure(found);
    });
    return [row.variant, ...cells, row.note ?? ""];
  });
  const widths = header.map((title, index) =>
    Math.max(title.length, ...lines.map((line) => line[index]!.length))
  );
  const pad = (cells: readonly string[]) =>
    cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      return index === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("   ").trimEnd();
  return [
    `${suite.name}: ${suite.what}`,
    `  ${pad(header)}`,
    ...lines.map((line) => `  ${pad(line)}`),
    ...result.conclusions.map((line) => `  = ${line}`),
    "",
  ];
}

/** `53.2 ns (51.0-56.1)`; without the spread if there was one run. */
function renderFigure({ median, min, max, runs, unit }: Figure): string {
  const text = `${significant(median)} ${unit}`.trimEnd();
  return runs > 1 ? `${text} (${significant(min)}-${significant(max)})` : text;
}

/** Three significant digits, with a letter for thousands, millions and billions. */
function significant(value: number): string {
  for (const [scale, letter] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]] as const) {
    const divisor = letter === "k" ? 1e3 : scale;
    if (Math.abs(value) >= scale) return `${threeDigits(value / divisor)}${letter}`;
  }
  return threeDigits(value);
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
