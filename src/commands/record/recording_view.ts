/**
 * A view of a recording while it runs, in the place of the status line.
 *
 * @module
 */
import type { AttachPoint } from "../../attach/attach_points.ts";
import type { KnownAttachment } from "../../contract/attachment.ts";
import type { LiveSecond } from "../../contract/live_second.ts";
import type { Recording } from "../../recorder/recording.ts";
import type { LiveTablePlan } from "../../sinks/sink_plan.ts";

/** Shows what passes. */
export interface RecordingView {
  /** Where its seconds are made. */
  readonly plan: LiveTablePlan;
  /** Resolves when the user has seen enough; rejects when it cannot be shown. */
  readonly ended: Promise<void>;
  /** Takes each second. */
  onSecond(second: LiveSecond): void;
  /**
   * Begins to show.
   *
   * @returns to be disposed of before anything else is written to the terminal
   */
  open(
    recording: Pick<Recording, "snapshot">,
    places: readonly KnownAttachment[],
  ): Promise<AsyncDisposable>;
  /** Shows what came last, now that all is counted. */
  finish(): Promise<void>;
}

/** Whatever ends `act`, the view has given the terminal back then. */
export async function shownBy<T>(
  view: RecordingView | null,
  recording: Pick<Recording, "snapshot">,
  points: readonly AttachPoint[],
  act: () => Promise<T>,
): Promise<T> {
  const places = points.map(({ interface: name, direction }, attachment) => {
    return { attachment, interface: name, direction };
  });
  await using _shown = await view?.open(recording, places) ?? null;
  return await act();
}
