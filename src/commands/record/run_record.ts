/**
 * The `record` command: wires options, recording, signals and output together.
 *
 * @module
 */
import { raiseDescriptorLimit } from "../../../ffi/mod.ts";
import type { AttachPoint } from "../../attach/attach_points.ts";
import { attachPoints } from "../../attach/attach_points.ts";
import { requireDescriptors } from "../../attach/descriptor_need.ts";
import { requireCapabilities } from "../../attach/privileges.ts";
import type { RecordOptions } from "../../cli/record_options.ts";
import { EXIT, RunError } from "../../core/errors.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import { isBrokenPipe, isClosedStdout, sendToStdout } from "../../core/standard_streams.ts";
import { type LoadedFilter, loadFilter } from "../../filter/written_filter.ts";
import { Recording } from "../../recorder/recording.ts";
import type { RecordingReport } from "../../contract/recording_report.ts";
import { clockChangeText } from "../../render/clock_text.ts";
import {
  renderCountMissed,
  renderEarlyEnds,
  renderFinalReport,
} from "../../render/final_report.ts";
import { renderNothingCame } from "../../render/nothing_came.ts";
import { interfaceLabel } from "../../sinks/output/file_name.ts";
import { forgetFileRights, withFileRights } from "../../sinks/output/file_rights.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";
import { countLeft } from "../../sinks/recovery/count_left.ts";
import { LiveCapture } from "../../sources/live_capture.ts";
import { announce, announceChoice } from "./announcement.ts";
import { becomeLess } from "./become_less.ts";
import { BrokenReport } from "./broken_report.ts";
import { keepRecording } from "./kept_recording.ts";
import { RecordingMonitor } from "./recording_monitor.ts";
import { RecordedProgram } from "./recorded_program.ts";
import { namesOf, openFiles, type RecordingFiles, STDOUT } from "./recording_files.ts";
import { type RecordingUser, recordingUser } from "./recording_user.ts";
import { describeKnown, describeOutput, filePlan, openSeries } from "./output_plan.ts";
import { type RecordingView, shownBy } from "./recording_view.ts";
import { ServiceManager } from "./service_manager.ts";
import { StopRequest } from "./stop_request.ts";
import { type Watched, WatchedInterfaces } from "./watched_interfaces.ts";

const NEVER = new Promise<never>(() => {});

/** Everything that is made here is for its owner alone: packets tell who talks with whom. */
const PRIVATE_UMASK = 0o077;

/** What is to be recorded, and as whom. */
interface RecordTask {
  readonly options: RecordOptions;
  readonly points: readonly AttachPoint[];
  readonly user: RecordingUser;
  /** null = all packets. */
  readonly filter: LoadedFilter | null;
  /** The umask that this process was started with. */
  readonly umask: number;
  /** null = the status line. */
  readonly view: RecordingView | null;
}

interface RecordingResult {
  readonly report: RecordingReport;
  /** What was recorded while it ran; null = nothing in particular. */
  readonly program: RecordedProgram | null;
  /** Why the output could not be written; null if all of it is. */
  readonly trouble: unknown;
  /** Whether there is a file to be named. */
  readonly isWhole: boolean;
  /** Whether it ended because no interface was left. */
  readonly endedEarly: boolean;
}

/**
 * Records until the duration, the count or a signal ends it.
 *
 * @param view what shows it, in the place of the status line; it has standard output
 * @returns exit code
 * @throws {InspectorError} for everything that the user can act on; nothing stays attached and no
 * file has changed then
 */
export async function runRecord(
  options: RecordOptions,
  view: RecordingView | null = null,
): Promise<number> {
  try {
    return await recordAndReport(options, view);
  } finally {
    await notices.flush();
  }
}

async function recordAndReport(
  options: RecordOptions,
  view: RecordingView | null,
): Promise<number> {
  if (options.output === STDOUT && isClosedStdout()) {
    throw new RunError("Cannot write to standard output: it is closed", {
      hint: "Send it to a file or program, or name a file with --output",
    });
  }
  raiseDescriptorLimit();
  requireCapabilities();
  const filter = options.filter && await loadFilter(options.filter);
  const chosen = attachPoints(options.interfaces, options.direction, options.waits);
  announceChoice(chosen, options.verbosity);
  const { points } = chosen;
  requireDescriptors(points.length, options.waits);
  const user = recordingUser(options.user);
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    return await recordTo({ options, points, user, filter, umask, view });
  } finally {
    Deno.umask(umask);
  }
}

async function recordTo(task: RecordTask): Promise<number> {
  const { options, points } = task;
  // Until the end: a signal while the file is being published must not cost it.
  using stop = new StopRequest();
  // Whoever sends it too early shall not end the recording by that.
  stop.onSignal("SIGUSR2", () => {});
  using files = openFiles(options, points);
  const { output } = files;
  const result = await recordOrKeep(task, files, stop);
  if (result === undefined) return EXIT.INTERRUPTED;
  const { report, program, trouble, endedEarly, isWhole } = result;
  const refusal = options.series === null && isWhole ? publish(output) : null;
  // Every file of a series has its name already; and what is kept stays.
  if (options.series !== null || !isWhole) output?.discard();
  forgetFileRights();
  const lines = closingLines(report, options.verbosity, options.count);
  notices.say(lines.map((line) => `${line}\n`).join(""));
  if (options.json) {
    // The file has its name. Whoever asks for an end now waits for a reader of standard output.
    const sent = sendToStdout(`${JSON.stringify(report)}\n`).then(() => true);
    if (!await Promise.race([sent, stop.next()])) return EXIT.INTERRUPTED;
  }
  // Whatever went wrong: the counts come first.
  const failure = refusal ?? trouble;
  if (failure !== null) throw failure;
  // The file is complete, but not all was seen that was asked for. Who waits takes what comes.
  const isPartial = report.interfaces.some(({ end_reason }) => {
    return end_reason === "detached" || end_reason !== "stopped" && !options.waits;
  });
  if (endedEarly || isPartial) return EXIT.FAILURE;
  return program === null ? EXIT.DONE : await program.codeUnless(stop.requested);
}

/** @returns why the file has not got its name; null if it has */
function publish(output: OutputFile | null): unknown {
  try {
    const warning = output?.publish() ?? null;
    if (warning !== null) notices.say(`${printable(warning)}\n`);
    return null;
  } catch (error) {
    return error;
  }
}

/** What is said at the end. Loss is never kept quiet. */
export function closingLines(
  report: RecordingReport,
  verbosity: RecordOptions["verbosity"],
  count: RecordOptions["count"] = null,
): string[] {
  if (verbosity !== "quiet") {
    return [
      ...renderFinalReport(report),
      ...renderCountMissed(report, count),
      ...renderNothingCame(report),
    ];
  }
  return report.packets_dropped > 0 ? renderFinalReport(report) : renderEarlyEnds(report);
}

/** What a recording has closed before it fails is not lost, nor are its counts. */
async function recordOrKeep(
  task: RecordTask,
  files: RecordingFiles,
  stop: StopRequest,
): Promise<RecordingResult | undefined> {
  const broken = new BrokenReport();
  try {
    return await record(task, files, stop, broken);
  } catch (error) {
    const trouble = keepRecording(error, files.output);
    const { report } = broken;
    if (report === null || isBrokenPipe(trouble)) throw trouble;
    return { report, program: null, trouble, endedEarly: false, isWhole: false };
  }
}

/** @returns undefined if a second signal asked to leave at once */
async function record(
  { options, points, user, filter, umask, view }: RecordTask,
  { output, ready }: RecordingFiles,
  stop: StopRequest,
  broken: BrokenReport,
): Promise<RecordingResult | undefined> {
  const isSeries = options.series !== null;
  const written = view === null ? options.output : "";
  const outputPath = isSeries ? options.output : output?.path ?? written;
  const monitor = new RecordingMonitor(
    view === null ? options : { ...options, verbosity: "quiet" },
  );
  using capture = LiveCapture.load({
    points,
    mode: options.mode,
    ringBytes: options.bufferBytes,
    captureLimit: options.count ?? 0,
    sampleRate: options.sample,
    filter,
    senderStatistics: monitor.showsSenders,
    waits: options.waits,
  });
  if (view === null) capture.onClockChange = (change) => say(clockChangeText(change));
  // A reader that does not read holds up a stream for ever, from its first byte on. A file makes its
  // way without anybody's help, so only SIGINT costs it.
  const leave = output === null ? Promise.race([stop.forced, stop.repeated]) : stop.forced;
  using series = output === null || options.series === null
    ? null
    : openSeries(output, options, options.series, interfaceLabel(namesOf(options, points)));
  const preparing = Recording.prepare({
    source: capture,
    sinks: [
      ...output ? [filePlan(output, options)] : view ? [] : [{ type: "arrow" } as const],
      ...view ? [view.plan] : [],
    ],
    ...view && { onSecond: (second) => view.onSecond(second) },
    output: outputPath,
    ...output !== null && { countLeft: (part) => countLeft(output.workDirectory, part) },
    ...series !== null && { series: series.plan },
    ...output !== null && {
      onLosses: (known) => describeKnown(known, output, capture, series),
    },
    ...output !== null && options.onError === "drop" && {
      onTrouble: (error) => say(output.explain(error).message),
      onResumed: () => say(`"${outputPath}" is written again`),
    },
  });
  using recording = await Promise.race([preparing, leave]);
  if (recording === undefined) return undefined;
  using manager = new ServiceManager();
  const ended = recording.start();
  // Nobody may listen yet when it fails: a view opens in between.
  ended.catch(() => {});
  // From the ready file on it has to be answered.
  let isBeginning = true;
  stop.onSignal("SIGUSR2", () => isBeginning && recording.closeSegment());
  stop.onSignal("SIGQUIT", () => isBeginning && monitor.print(recording.snapshot()));
  const program = options.program === null
    ? null
    : RecordedProgram.start(options.program, user.owner, umask);
  // From here on nothing is imported: the sources may be where only root can read.
  const identity = becomeLess(capture, output, user);
  const tellReady = () => {
    withFileRights(() => ready?.write(user.owner));
    // The recording itself needs them no more; its end may.
    if (output === null || (identity !== null && output.isPublishableBy(identity))) {
      forgetFileRights();
    }
  };
  const isReady = ready === null || !capture.isWaiting;
  if (isReady) tellReady();
  if (output !== null && series === null) describeOutput(output, capture);
  series?.start(() => recording.closeSegment());
  // Not before: threads that the runtime starts to write this have what this thread has.
  if (view === null) announce(capture, options, outputPath);
  manager.begin();
  isBeginning = false;
  const completed = isReady ? NEVER : whenComplete(capture, tellReady);
  await using _report = broken.watch(recording);
  const endedEarly = await shownBy(view, recording, points, () =>
    untilEnded(
      recording,
      capture,
      Promise.race([
        ended,
        completed,
        ...view === null ? [] : [view.ended],
        ...program === null ? [] : [program.ended.then(() => {})],
        ...options.onError === "stop" ? [recording.troubled] : [],
      ]),
      monitor,
      stop,
      options,
    ));
  manager.end();
  series?.stop();
  const report = await Promise.race([recording.finish(), leave]);
  if (report !== undefined) await view?.finish();
  if (report !== undefined && series !== null) {
    await Promise.race([series.done, stop.next()]);
  }
  broken.end();
  // Rows that were lost and written again afterwards are in the report.
  const isLasting = options.onError === "stop" || recording.isTroubled;
  const trouble = isLasting && recording.trouble !== null && output !== null
    // Of a series, files may have got no name.
    ? series === null ? output.explain(recording.trouble) : keepRecording(recording.trouble, output)
    : null;
  return report && { report, program, trouble, endedEarly, isWhole: true };
}

/** Rejects if `act` fails; else stays pending. */
async function whenComplete(
  { complete }: Pick<LiveCapture, "complete">,
  act: () => void,
): Promise<never> {
  await complete;
  act();
  return await NEVER;
}

function say(line: string): void {
  notices.say(`${printable(line)}\n`);
}

/**
 * Shows a recording and answers its signals until something ends it.
 *
 * @param ended the end of the recording, or of what it is about
 * @param durationMs milliseconds from when the first program is in place, 0 = no limit
 * @param waits whether interfaces that have gone are waited for
 * @returns whether it ended because no interface was left
 */
export async function untilEnded(
  recording: Pick<Recording, "snapshot" | "closeSegment">,
  capture: Watched & Pick<LiveCapture, "begun">,
  ended: Promise<void>,
  monitor: Pick<RecordingMonitor, "start" | "stop" | "print">,
  stop: Pick<StopRequest, "requested" | "after" | "onSignal">,
  { durationMs, waits }: Pick<RecordOptions, "durationMs" | "waits">,
): Promise<boolean> {
  monitor.start(recording);
  // They stay after the recording, with nothing to do: without a listener they would end the process.
  let isRecording = true;
  stop.onSignal("SIGQUIT", () => isRecording && monitor.print(recording.snapshot()));
  stop.onSignal("SIGUSR2", () => isRecording && recording.closeSegment());
  let endedEarly = false;
  try {
    using watched = new WatchedInterfaces(capture, waits);
    const allLost = watched.allLost.then(() => endedEarly = true);
    const timeUp = capture.begun.then(() => stop.after(durationMs));
    await Promise.race([ended, stop.requested, timeUp, allLost]);
    return endedEarly;
  } finally {
    isRecording = false;
    monitor.stop();
  }
}
