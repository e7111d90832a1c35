/**
 * To which rows of a view the flows of a second belong. Text is made once for each flow, and not each
 * second: there may be tens of thousands.
 *
 * @module
 */
import type { KnownAttachment } from "../../contract/attachment.ts";
import { COUNTS_PER_FLOW, FLOW_COUNT, type LiveSecond } from "../../contract/live_second.ts";
import { type Subject, SubjectFinder, SUM, SUMS, type View } from "./live_rows.ts";

/** A row, with sums that belong to whoever keeps the book. */
export interface BookRow extends Subject {
  readonly sums: number[];
}

/** What one second adds to rows. */
export interface SecondShare {
  readonly rows: readonly BookRow[];
  /** {@linkcode SUMS} numbers for each of the rows. */
  readonly sums: Float64Array;
}

class Row implements BookRow {
  /** The last second that it was in, by the book's count, and its place there. */
  seen = 0;
  place = 0;
  isForgotten = false;

  constructor(
    readonly label: string,
    readonly about: Subject["about"],
    readonly sums: number[],
  ) {}
}

/** A flow that was met: the rows that it adds to, and which way. */
interface Entry {
  readonly role: number;
  readonly rows: readonly Row[];
  /** Whether it adds to the first row's way forth; a second row is about the other end. */
  readonly forth: boolean;
}

/** The rows of one view, by their labels, until they are forgotten. */
export class RowBook {
  readonly #finder: SubjectFinder;
  readonly #numbers: number;
  readonly #rows = new Map<string, Row>();
  /** By number of the flow. */
  #entries: Entry[] = [];
  #numbering: number | undefined;
  #seconds = 0;
  #sums = new Float64Array(1024 * SUMS);

  /** @param numbers how many sums a row has, all 0 at first */
  constructor(view: View, places: readonly KnownAttachment[], numbers: number) {
    this.#finder = new SubjectFinder(view, places);
    this.#numbers = numbers;
  }

  /** All rows that are not forgotten. */
  get rows(): Iterable<BookRow> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  /** @returns undefined if it is not known, or forgotten */
  row(label: string): BookRow | undefined {
    return this.#rows.get(label);
  }

  /** Finds the rows of a second; their sums stay as they are. */
  share(second: LiveSecond): SecondShare {
    if (second.numbering !== this.#numbering) {
      this.#numbering = second.numbering;
      this.#entries = [];
    }
    const { flows, counts } = second;
    const stamp = ++this.#seconds;
    const rows: Row[] = [];
    for (let index = 0; index < flows.length; index++) {
      const entry = this.#entryOf(second, index);
      const first = index * COUNTS_PER_FLOW;
      for (let end = 0; end < entry.rows.length; end++) {
        const row = entry.rows[end]!;
        if (row.seen !== stamp) {
          row.seen = stamp;
          row.place = rows.push(row) - 1;
          this.#clear(row.place);
        }
        const sums = this.#sums;
        const at = row.place * SUMS;
        const way = at + (entry.forth === (end === 0) ? SUM.packetsForth : SUM.packetsBack);
        sums[way]! += counts[first + FLOW_COUNT.packets]!;
        sums[way + 1]! += counts[first + FLOW_COUNT.bytes]!;
        sums[at + SUM.again]! += counts[first + FLOW_COUNT.again]!;
        sums[at + SUM.refused]! += counts[first + FLOW_COUNT.refused]!;
      }
    }
    return { rows, sums: this.#sums.slice(0, rows.length * SUMS) };
  }

  /** Whoever sends in its flows again gets a new row. */
  forget(row: BookRow): void {
    (row as Row).isForgotten = true;
    this.#rows.delete(row.label);
  }

  #clear(place: number): void {
    const first = place * SUMS;
    if (first === this.#sums.length) {
      const larger = new Float64Array(2 * first);
      larger.set(this.#sums);
      this.#sums = larger;
    }
    this.#sums.fill(0, first, first + SUMS);
  }

  #entryOf(second: LiveSecond, index: number): Entry {
    const flow = second.flows[index]!;
    const role = second.roles[index]!;
    const known = this.#entries[flow];
    if (known?.role === role && !known.rows.some((row) => row.isForgotten)) return known;
    const { subjects, forth } = this.#finder.find(second, index);
    const entry = { role, forth, rows: subjects.map((subject) => this.#rowOf(subject)) };
    this.#entries[flow] = entry;
    return entry;
  }

  #rowOf({ label, about }: Subject): Row {
    let row = this.#rows.get(label);
    if (row === undefined) {
      row = new Row(label, about, new Array<number>(this.#numbers).fill(0));
      this.#rows.set(label, row);
    }
    return row;
  }
}
