/**
 * Numbers as a line of blocks, one for each.
 *
 * @module
 */

/** From little to much. The heights of Unicode's "Block Elements", U+2581 to U+2588. */
const BLOCKS = { unicode: [..."▁▂▃▄▅▆▇█"], ascii: [...".:-=+*%#"] } as const;

/**
 * Nothing is a blank; what is not nothing never looks like it.
 *
 * @param highest what fills a cell; 0 if all are 0
 */
export function sparkline(values: readonly number[], highest: number, unicode: boolean): string {
  const blocks = BLOCKS[unicode ? "unicode" : "ascii"];
  return values.map((value) => {
    if (value <= 0 || highest <= 0) return " ";
    const height = Math.ceil(blocks.length * value / highest);
    return blocks[Math.min(blocks.length, height) - 1]!;
  }).join("");
}
