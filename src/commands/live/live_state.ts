/**
 * What a live view shows, and what keys change about it.
 *
 * @module
 */
import type { LiveSecond } from "../../contract/live_second.ts";
import { FilterError } from "../../filter/filter_error.ts";
import { parseFilter } from "../../filter/parser.ts";
import { LiveHistory, type LiveRow } from "../../render/live/live_history.ts";
import { type View, VIEWS } from "../../render/live/live_rows.ts";
import type { Picture } from "../../render/live/live_screen.ts";
import { firstOf, orderOf, rankOf, type Sort, SORTS } from "../../render/live/row_order.ts";
import { MAX_FILTER_BYTES } from "../../sinks/live/filter_cell.ts";
import type { Key } from "./keys.ts";

/** Seconds that wait while the view is paused; older ones are left out. */
const PAUSED_SECONDS = 600;

/** What the state asks of the capture. */
export interface LiveWishes {
  /** @returns the version that seconds of this filter have */
  setFilter(text: string): number;
  /** The user has seen enough. */
  quit(): void;
}

/** What {@linkcode Picture} needs beside the state. */
export type Surroundings = Pick<
  Picture,
  "interfaces" | "elapsedMs" | "loss" | "sampleRate" | "file" | "captureFilter"
>;

/** One live view. */
export class LiveState {
  readonly #history: LiveHistory;
  readonly #wishes: LiveWishes;
  #view: View = VIEWS[0];
  #sort: Sort = "10 s";
  #unit: "bytes" | "packets" = "bytes";
  #paused: LiveSecond[] | null = null;
  /** What was chosen, the last one counts; the first is "all". */
  #filters: string[] = [""];
  #prompt: string | null = null;
  #message: string | null = null;
  #showsHelp = false;
  /** Label of the row that is chosen, which it stays when others pass it. */
  #selected: string | null = null;
  #selectedIndex = 0;

  constructor(history: LiveHistory, wishes: LiveWishes) {
    this.#history = history;
    this.#wishes = wishes;
  }

  /** Takes a second; while the view is paused it waits. */
  add(second: LiveSecond): void {
    if (this.#paused === null) return this.#history.add(second);
    this.#paused.push(second);
    if (this.#paused.length > PAUSED_SECONDS) this.#paused.shift();
  }

  /**
   * What is to be seen now.
   *
   * @param page rows that the screen has room for
   */
  picture(surroundings: Surroundings, page: number): Picture {
    const selected = this.#selection();
    return {
      ...surroundings,
      history: this.#history,
      view: this.#view,
      sort: this.#sort,
      unit: this.#unit,
      isPaused: this.#paused !== null,
      filter: this.#filters.at(-1)!,
      rowCount: this.#rows.size,
      rows: this.#first(Math.max(selected + 1, page)),
      selected,
      prompt: this.#prompt,
      message: this.#message,
      showsHelp: this.#showsHelp,
    };
  }

  /** @param page rows that the screen shows */
  press(key: Key, page: number): void {
    this.#message = null;
    if (this.#prompt !== null) return this.#type(key, this.#prompt);
    if (this.#showsHelp) {
      this.#showsHelp = false;
      if (key !== "q") return;
    }
    const number = VIEWS[Number(key) - 1];
    if (number !== undefined) return this.#show(number);
    switch (key) {
      case "tab":
        return this.#show(next(VIEWS, this.#view, 1));
      case "back-tab":
        return this.#show(next(VIEWS, this.#view, -1));
      case "up":
      case "k":
        return this.#move(-1);
      case "down":
      case "j":
        return this.#move(1);
      case "page-up":
        return this.#move(-page);
      case "page-down":
        return this.#move(page);
      case "home":
        return this.#move(-Infinity);
      case "end":
        return this.#move(Infinity);
      case "enter":
        return this.#narrow();
      case "b":
      case "backspace":
      case "escape":
        return this.#back();
      case "/":
      case "f":
        this.#prompt = this.#filters.at(-1)!;
        return;
      case "s":
        this.#sort = next(SORTS, this.#sort, 1);
        return;
      case "u":
        this.#unit = this.#unit === "bytes" ? "packets" : "bytes";
        return;
      case "p":
      case " ":
        return this.#togglePause();
      case "?":
      case "h":
        this.#showsHelp = true;
        return;
      case "stop":
        this.#message = "Ctrl-Z would lose packets: q ends";
        return;
      case "q":
        return this.#wishes.quit();
      default:
        this.#message = `"${key}" has no meaning here: ? shows the keys`;
    }
  }

  get #rows() {
    return this.#history.rows(this.#view);
  }

  /** The first rows in their order. */
  #first(count: number): LiveRow[] {
    return firstOf(this.#rows.rows, count, orderOf(this.#sort, this.#unit));
  }

  /** Index of the row that is chosen. */
  #selection(): number {
    const { rows, size } = this.#rows;
    const chosen = this.#selected === null ? undefined : this.#rows.row(this.#selected);
    if (chosen !== undefined) {
      this.#selectedIndex = rankOf(chosen, rows, orderOf(this.#sort, this.#unit));
    }
    return Math.max(0, Math.min(this.#selectedIndex, size - 1));
  }

  #show(view: View): void {
    this.#view = view;
    this.#selected = null;
    this.#selectedIndex = 0;
  }

  #move(by: number): void {
    const index = Math.max(0, Math.min(this.#selection() + by, this.#rows.size - 1));
    this.#selectedIndex = index;
    this.#selected = this.#first(index + 1)[index]?.label ?? null;
  }

  #narrow(): void {
    const index = this.#selection();
    const row = this.#first(index + 1)[index];
    if (row === undefined) return;
    const { filter } = row.about();
    if (filter === null) {
      this.#message = `no filter selects "${row.label}"`;
      return;
    }
    const now = this.#filters.at(-1)!;
    this.#choose(now === "" ? filter : `(${now}) and ${filter}`);
  }

  #back(): void {
    if (this.#filters.length === 1) {
      this.#message = "there is no filter before this one";
      return;
    }
    this.#filters.pop();
    this.#apply();
  }

  #type(key: Key, text: string): void {
    switch (key) {
      case "escape":
        this.#prompt = null;
        return;
      case "enter": {
        const wanted = text.replaceAll(/\s+/g, " ").trim();
        if (wanted === this.#filters.at(-1) || this.#choose(wanted)) this.#prompt = null;
        return;
      }
      case "backspace":
        this.#prompt = [...text].slice(0, -1).join("");
        return;
      case "clear":
        this.#prompt = "";
        return;
      default:
        if ([...key].length === 1) this.#prompt = text + key;
    }
  }

  /** @returns whether it can be used; if not, the message says why */
  #choose(text: string): boolean {
    try {
      if (new TextEncoder().encode(text).length > MAX_FILTER_BYTES) {
        this.#message = "the filter is too long";
        return false;
      }
      if (text !== "") parseFilter(text);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.#message = error.reasonIn(text, error.position);
      return false;
    }
    this.#filters.push(text);
    this.#apply();
    return true;
  }

  #apply(): void {
    this.#history.restart(this.#wishes.setFilter(this.#filters.at(-1)!));
    this.#selected = null;
    this.#selectedIndex = 0;
    // What waits is of another filter.
    if (this.#paused !== null) this.#paused = [];
  }

  #togglePause(): void {
    if (this.#paused === null) {
      this.#paused = [];
      return;
    }
    const waiting = this.#paused;
    this.#paused = null;
    for (const second of waiting) this.#history.add(second);
  }
}

function next<T>(all: readonly T[], now: T, by: number): T {
  return all[(all.indexOf(now) + by + all.length) % all.length]!;
}
