/**
 * Parts of pages that several have: amounts in a row, and what is to be said in lines.
 *
 * @module
 */
import type { SummaryLine } from "../../reports/report.ts";
import type { FooterLine } from "../footer_line.ts";
import { type Markup, markup } from "./markup.ts";

/** Amounts with their names. */
export function tilesMarkup(lines: readonly SummaryLine[]): Markup {
  const tiles = lines.map(({ name, amount, note }) => {
    const small = note === "" ? null : markup` <small>${note.trim()}</small>`;
    return markup`<div><dt>${name}</dt><dd>${amount}${small}</dd></div>\n`;
  });
  return markup`<dl class="tiles">\n${tiles}</dl>\n`;
}

/** Lines; those that must not be overlooked say so. */
export function linesMarkup(lines: readonly FooterLine[]): Markup {
  const items = lines.map(({ text, isWarning = false }) =>
    isWarning
      ? markup`<li class="warning"><strong>Note:</strong> ${text}</li>\n`
      : markup`<li>${text}</li>\n`
  );
  return markup`<ul class="lines">\n${items}</ul>\n`;
}
