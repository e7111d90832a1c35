/**
 * A page: one file that needs no other and no network, and that allows itself none.
 *
 * @module
 */
import { createHash } from "node:crypto";
import LIBRARY_STYLE from "uplot/dist/uPlot.min.css" with { type: "text" };
import LIBRARY from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import CHARTS_STYLE from "./charts.css" with { type: "text" };
import CHARTS from "./charts.js" with { type: "text" };
import STYLE from "./page.css" with { type: "text" };
import TABLES from "./tables.js" with { type: "text" };
import { Markup, markup } from "./markup.ts";

/** What a page is besides its content. */
export interface PageTexts {
  readonly title: string;
  /** Whether there is a chart on it. Without one the library for them is left out. */
  readonly hasCharts: boolean;
}

/** What stands before and behind the content of a page. */
export function pageFrame({ title, hasCharts }: PageTexts): { start: string; end: string } {
  const style = hasCharts ? `${LIBRARY_STYLE}\n${STYLE}\n${CHARTS_STYLE}` : STYLE;
  const scripts = hasCharts ? [LIBRARY, CHARTS, TABLES] : [TABLES];
  // Content Security Policy Level 3, 3.3: nothing but these texts is run or applied.
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(" ")}`,
    `style-src ${hashSource(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const start = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${Markup.trusted(style)}</style>
</head>
<body>
<main>
`;
  const end = markup`</main>
<p id="said" class="unseen" role="status"></p>
${scripts.map((text) => markup`<script>${Markup.trusted(text)}</script>\n`)}</body>
</html>
`;
  return { start: start.toString(), end: end.toString() };
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
