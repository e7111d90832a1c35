/**
 * The programs that are compared: each captures what side b of a rig receives into a file.
 *
 * @module
 */
import { join } from "node:path";
import type { BackgroundProcess } from "../support/child_process.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import type { NetnsPair } from "../support/netns.ts";
import { processCpuMs } from "../support/process_usage.ts";
import { findCommand } from "../support/system_packages.ts";
import { Receiver } from "./load.ts";
import { elapse } from "./machine.ts";

const READY_LIMIT_MS = 20_000;
/** For what is left in buffers, and for our file to be written and joined. */
const END_LIMIT_MS = 120_000;

/** Pause between two looks at whether a tool still works on what it has got. */
const SETTLE_PAUSE_MS = 50;
/** CPU time between two looks that means that it does. */
const SETTLE_BUSY_MS = 20;
/** libpcap gets the last, not yet full block of the kernel's buffer after a time-out of 1 s. */
const SETTLE_STILL_MS = 1_200;

/** A capture program and its command line. */
export interface CaptureTool {
  readonly name: string;
  /** Command whose presence decides whether it takes part. */
  readonly command: string;
  /**
   * What b needs besides to receive frames of the generator at all, which takes NAPI (drivers/net/veth.c,
   * veth_xdp_xmit): an XDP program that passes them, or GRO. A tool at XDP brings a program itself.
   */
  readonly receiver: "none" | "pass" | "gro";
  /** Whether it drops, when it is told to end, what waits in its buffers. */
  readonly forgetsAtEnd: boolean;
  /** Whether its output is a directory with files. */
  readonly makesDirectory?: boolean;
  argv(interfaceName: string, output: string, ready: string): string[];
  /** Whether it captures by now. */
  isReady(process: BackgroundProcess, ready: string): boolean;
  /** Packets in the file, by its own words at the end. */
  kept(stdout: string, stderr: string): number;
}

const OURS = {
  command: "deno",
  forgetsAtEnd: false,
  isReady: (_: BackgroundProcess, ready: string) => exists(ready),
  kept: (stdout: string) => JSON.parse(stdout).rows_written as number,
} as const;

function ours(receiver: "none" | "gro", name: string, ...flags: string[]): CaptureTool {
  const argv = (interfaceName: string, output: string, ready: string) =>
    inspector(
      ...["record", "-i", interfaceName, "-d", "0", "-o", output],
      ...["--ready-file", ready, "--json", ...flags],
    );
  return { ...OURS, receiver, name, argv };
}

function tcpdump(receiver: "pass" | "gro", name: string, ...flags: string[]): CaptureTool {
  return {
    name,
    command: "tcpdump",
    receiver,
    forgetsAtEnd: true,
    // -Z root: do not change to a user that may not write into the directory.
    argv: (interfaceName, output) => [
      ...["tcpdump", "-i", interfaceName, "-n", "-Z", "root", "-s", "96", ...flags, "-w", output],
    ],
    isReady: (process) => process.stderr.includes("listening on"),
    kept: (_, stderr) => numberIn(stderr, /(\d+) packets? captured/),
  };
}

/** `record` at the hook of a network card: on a veth it has to be asked for. */
export const RECORD = ours("none", "xdp-inspector record --mode native", "--mode", "native");
/** The same with more flags. */
export function recordWith(name: string, flags: readonly string[]): CaptureTool {
  return ours("none", name, "--mode", "native", ...flags);
}
/** The same with its status lines, for which the kernel counts sources. */
export const RECORD_VERBOSE = ours("none", `${RECORD.name} -v`, "--mode", "native", "-v");
/** `record` with default settings: at TC, because this is a veth. */
export const RECORD_AUTO = ours("gro", "xdp-inspector record");
export const RECORD_GENERIC = ours(
  "gro",
  "xdp-inspector record --mode generic",
  ...["--mode", "generic"],
);
export const RECORD_TC = ours("gro", "xdp-inspector record --mode tc", "--mode", "tc");
/** What ours is measured against. */
export const TCPDUMP = tcpdump("pass", "tcpdump -s 96");
/** The same on an interface without an XDP program, which is what ours at TC has. */
export const TCPDUMP_GRO = tcpdump("gro", "tcpdump -s 96, GRO on");
/** The same with as much buffer as ours has. */
export const TCPDUMP_BUFFER = tcpdump("pass", "tcpdump -s 96 -B 65536", "-B", "65536");
export const DUMPCAP: CaptureTool = {
  name: "dumpcap -s 96",
  command: "dumpcap",
  receiver: "pass",
  forgetsAtEnd: true,
  argv: (interfaceName, output) => ["dumpcap", "-q", "-i", interfaceName, "-s", "96", "-w", output],
  isReady: (process) => process.stderr.includes("File:"),
  kept: (_, stderr) => numberIn(stderr, /Packets captured: (\d+)/),
};
export const XDPDUMP: CaptureTool = {
  name: "xdpdump -s 96",
  command: "xdpdump",
  receiver: "none",
  forgetsAtEnd: true,
  argv: (interfaceName, output) => [
    ...["xdpdump", "-i", interfaceName, "--load-xdp-program", "-s", "96", "-w", output],
  ],
  isReady: (process) => process.stderr.includes("listening on"),
  kept: (_, stderr) => numberIn(stderr, /(\d+) packets? captured/),
};

/** Whether the tool is installed. */
export function isInstalled(tool: CaptureTool): boolean {
  return tool.command === "deno" || findCommand(tool.command) !== null;
}

/** What a capture came to. */
export interface Captured {
  readonly kept: number;
  readonly bytes: number;
  readonly output: string;
  /** When the file was complete, milliseconds since 1970; the wait for the tool to settle is not in it. */
  readonly completeMs: number;
}

/** Makes b take the generator's frames. */
async function startReceiver(
  rig: NetnsPair,
  { receiver }: CaptureTool,
  object: string,
): Promise<AsyncDisposable | null> {
  if (receiver === "none") return null;
  if (receiver === "pass") {
    const program = await Receiver.start(rig, object, "pass");
    return { [Symbol.asyncDispose]: async () => void await program.stop() };
  }
  const gro = async (state: string) => {
    await rig.b.check(["ethtool", "-K", rig.b.interface, "gro", state]);
  };
  await gro("on");
  return { [Symbol.asyncDispose]: () => gro("off") };
}

/** A tool that captures on side b of a rig. */
export class Capture {
  readonly process: BackgroundProcess;
  readonly #tool: CaptureTool;
  readonly #output: string;
  readonly #receiver: AsyncDisposable | null;

  private constructor(
    tool: CaptureTool,
    process: BackgroundProcess,
    output: string,
    receiver: AsyncDisposable | null,
  ) {
    this.process = process;
    this.#tool = tool;
    this.#output = output;
    this.#receiver = receiver;
  }

  /**
   * Starts the tool, and where it needs one a receiver, and waits until it captures.
   *
   * @param object compiled object of the benchmark's programs
   */
  static async start(
    rig: NetnsPair,
    tool: CaptureTool,
    object: string,
    directory: string,
  ): Promise<Capture> {
    return await Capture.beside(rig, tool, directory, await startReceiver(rig, tool, object));
  }

  /** Starts the tool on an interface that has its receiver already, if it needs one. */
  static async beside(
    rig: NetnsPair,
    tool: CaptureTool,
    directory: string,
    receiver: AsyncDisposable | null = null,
  ): Promise<Capture> {
    const output = join(directory, `capture-${crypto.randomUUID().slice(0, 8)}`);
    const ready = `${output}.ready`;
    if (tool.makesDirectory) Deno.mkdirSync(output);
    const process = rig.b.start(tool.argv(rig.b.interface, output, ready));
    await process.until("the capture", READY_LIMIT_MS, (it) => tool.isReady(it, ready));
    if (exists(ready)) Deno.removeSync(ready);
    return new Capture(tool, process, output, receiver);
  }

  /** Ends the tool, then its receiver. */
  async stop(): Promise<Captured> {
    const captured = await this.stopTool();
    await this.release();
    return captured;
  }

  /** Ends the receiver, if there is one. */
  async release(): Promise<void> {
    await this.#receiver?.[Symbol.asyncDispose]();
  }

  /** Lets the tool finish what it has got, ends it, and looks at what it has kept. */
  async stopTool(): Promise<Captured> {
    const settledMs = await this.#settle();
    const settleEndedMs = Date.now();
    this.process.signal("SIGINT");
    const { code, stdout, stderr } = await this.process.end(END_LIMIT_MS);
    const completeMs = Date.now() - (settleEndedMs - settledMs);
    if (code !== 0) throw new Error(`${this.#tool.name} ended with ${code}\n${stderr}`);
    return {
      kept: this.#tool.kept(stdout, stderr),
      bytes: bytesOf(this.#output),
      output: this.#output,
      completeMs,
    };
  }

  /**
   * Waits until the tool has no more to do: tcpdump forgets at SIGINT what it has not read yet. Ours
   * does not.
   *
   * @returns when it had no more to do, milliseconds since 1970
   */
  async #settle(): Promise<number> {
    let since = Date.now();
    if (!this.#tool.forgetsAtEnd) return since;
    const end = since + END_LIMIT_MS;
    let used = processCpuMs(this.process.pid);
    while (Date.now() < Math.min(end, since + SETTLE_STILL_MS)) {
      await elapse(SETTLE_PAUSE_MS);
      const now = processCpuMs(this.process.pid);
      if (now - used >= SETTLE_BUSY_MS) since = Date.now();
      used = now;
    }
    return since;
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Cannot find ${pattern} in "${text}"`);
  return Number(found);
}

/** Of a file, or of all in a directory. */
function bytesOf(path: string): number {
  const { isDirectory, size } = Deno.statSync(path);
  if (!isDirectory) return size;
  return [...Deno.readDirSync(path)].reduce((sum, { name }) => sum + bytesOf(join(path, name)), 0);
}
