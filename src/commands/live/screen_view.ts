/**
 * A live view on the whole screen of a terminal.
 *
 * @module
 */
import type { KnownAttachment } from "../../contract/attachment.ts";
import type { LiveSecond } from "../../contract/live_second.ts";
import type { TerminalLook } from "../../core/terminal.ts";
import type { Recording } from "../../recorder/recording.ts";
import { LiveHistory } from "../../render/live/live_history.ts";
import { renderScreen, roomForRows } from "../../render/live/live_screen.ts";
import { writeFilter } from "../../sinks/live/filter_cell.ts";
import type { LiveTablePlan } from "../../sinks/sink_plan.ts";
import type { RecordingView } from "../record/recording_view.ts";
import { LiveState, type Surroundings } from "./live_state.ts";
import { Terminal } from "./terminal.ts";

/** What is shown, and how. */
export interface ScreenOptions {
  readonly everyMs: number;
  readonly sampleRate: number;
  /** Path of the file that is recorded at the same time; null = none. */
  readonly file: string | null;
  /** Of the capture; empty = none. */
  readonly filter: string;
  readonly look: Pick<TerminalLook, "colour" | "unicode">;
}

/** The terminal, or a stand-in for it. */
export type ShownTerminal = AsyncDisposable & Pick<Terminal, "open" | "size" | "draw">;

/** Draws what passes, and answers keys. */
export class ScreenView implements RecordingView {
  readonly plan: LiveTablePlan;
  readonly ended: Promise<void>;
  readonly #options: ScreenOptions;
  readonly #quit: () => void;
  readonly #terminal: ShownTerminal;
  #state: LiveState | undefined;
  #early: LiveSecond[] = [];
  #recording: Pick<Recording, "snapshot"> | undefined;
  #interfaces: readonly string[] = [];

  constructor(
    plan: LiveTablePlan,
    options: ScreenOptions,
    terminal: ShownTerminal = new Terminal(),
  ) {
    this.plan = plan;
    this.#options = options;
    this.#terminal = terminal;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#quit = resolve;
  }

  async open(
    recording: Pick<Recording, "snapshot">,
    places: readonly KnownAttachment[],
  ): Promise<AsyncDisposable> {
    this.#recording = recording;
    this.#interfaces = [...new Set(places.map((place) => place.interface))];
    const state = new LiveState(new LiveHistory(places, this.#options.sampleRate), {
      setFilter: (text) => writeFilter(this.plan.filter, text),
      quit: this.#quit,
    });
    this.#state = state;
    for (const second of this.#early.splice(0)) state.add(second);
    const draw = () => this.#draw(state);
    await this.#terminal.open((key) => {
      state.press(key, roomForRows(this.#terminal.size().rows));
      draw();
    }, draw);
    draw();
    const timer = setInterval(draw, this.#options.everyMs);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(timer);
        await this.#terminal[Symbol.asyncDispose]();
      },
    };
  }

  onSecond(second: LiveSecond): void {
    if (this.#state === undefined) this.#early.push(second);
    else this.#state.add(second);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  #draw(state: LiveState): void {
    const { columns: width, rows: height } = this.#terminal.size();
    const { look } = this.#options;
    const picture = state.picture(this.#surroundings(), roomForRows(height));
    this.#terminal.draw(renderScreen(picture, { width, height, ...look }));
  }

  #surroundings(): Surroundings {
    const { elapsedMs, counts, fileBytes } = this.#recording!.snapshot();
    const { file, sampleRate, filter } = this.#options;
    return {
      interfaces: this.#interfaces,
      elapsedMs,
      loss: {
        wanted: counts.packets_seen - counts.packets_filtered,
        lost: counts.packets_dropped,
      },
      sampleRate,
      file: file === null ? null : { path: file, bytes: fileBytes },
      captureFilter: filter,
    };
  }
}
