/**
 * Names of the files of a series: `eth0-20261125T211500.000Z.parquet`, and with `--hive`
 * `host=web1/date=2026-11-25/eth0-20261125T211500.000Z.parquet`.
 *
 * @module
 */

/** What the time in a name looks like. Names without thousandths are those of single recordings. */
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z$/;
const SUFFIX = ".parquet";

/** Makes names of one series, each behind the one before, whatever the clock does. */
export class SeriesNames {
  readonly #label: string;
  readonly #host: string | null;
  #lastMs = -Infinity;

  /**
   * @param label of the interfaces
   * @param host null = no directories for host and day
   */
  constructor(label: string, host: string | null) {
    this.#label = label;
    this.#host = host;
  }

  /**
   * A name that sorts behind all before.
   *
   * @param startMs when the file begins, milliseconds since 1970
   */
  next(startMs: number): string {
    this.#lastMs = Math.max(startMs, this.#lastMs + 1);
    return this.#nameOf(this.#lastMs);
  }

  /** The name behind one that is taken. */
  after(name: string): string {
    const startMs = this.startOf(name.slice(name.lastIndexOf("/") + 1))! + 1;
    this.#lastMs = Math.max(startMs, this.#lastMs);
    return this.#nameOf(startMs);
  }

  /**
   * When a file of such a name begins, milliseconds since 1970; null if it is none of this series.
   *
   * @param name without directories
   */
  startOf(name: string): number | null {
    if (!name.startsWith(`${this.#label}-`) || !name.endsWith(SUFFIX)) return null;
    const time = TIME.exec(name.slice(this.#label.length + 1, -SUFFIX.length));
    if (time === null) return null;
    const [, year, month, day, hour, minute, second, ms] = time;
    const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    return Number.isNaN(startMs) ? null : startMs;
  }

  #nameOf(startMs: number): string {
    const iso = new Date(startMs).toISOString();
    const name = `${this.#label}-${iso.replace(/[-:]/g, "")}${SUFFIX}`;
    if (this.#host === null) return name;
    return `host=${hiveValue(this.#host)}/date=${iso.slice(0, 10)}/${name}`;
  }

  /** Names of the directories in which a series may have files, from outside in; a date matches all. */
  get directories(): readonly (string | RegExp)[] {
    return this.#host === null ? [] : [`host=${hiveValue(this.#host)}`, /^date=\d{4}-\d\d-\d\d$/];
  }
}

/** As readers of such directories expect it: what is special in a path is written by its number. */
function hiveValue(text: string): string {
  return encodeURIComponent(text).replace(/^\./, "%2E") || "unknown";
}
