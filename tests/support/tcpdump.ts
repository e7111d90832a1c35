/**
 * tcpdump as the second witness of the same traffic.
 *
 * @module
 */
import type { BackgroundProcess } from "./child_process.ts";
import type { NetnsEnd } from "./netns.ts";
import { processState } from "./process_usage.ts";

const START_LIMIT_MS = 60_000;
const READ_LIMIT_MS = 60_000;

export type Direction = "in" | "out" | "inout";

/** A running tcpdump that writes what `end`'s interface receives or sends to a pcap file. */
export class Tcpdump {
  readonly path: string;
  readonly #process: BackgroundProcess;

  private constructor(path: string, process: BackgroundProcess) {
    this.path = path;
    this.#process = process;
  }

  /** Starts tcpdump and waits until it captures. The rig ends it when the test does not. */
  static async start(end: NetnsEnd, path: string, direction: Direction): Promise<Tcpdump> {
    const process = end.start([
      ...["tcpdump", "-i", end.interface, "-Q", direction, "-n", "-w", path],
      // -Z root: do not change to a user that may not write into the test's directory.
      ...["-Z", "root", "-s", "256", "-B", "65536", "-U", "--immediate-mode"],
      "--time-stamp-precision=nano",
    ]);
    await process.until(
      "tcpdump to listen",
      START_LIMIT_MS,
      (it) => it.stderr.includes("listening on"),
    );
    return new Tcpdump(path, process);
  }

  /**
   * Ends the capture, after what has been captured so far.
   *
   * On SIGINT tcpdump leaves without the packets that it has not read from its ring. A packet in there
   * makes it runnable: when it sleeps, it has read them all.
   *
   * @returns packets captured and packets that the kernel dropped
   */
  async stop(): Promise<{ captured: number; dropped: number }> {
    const { pid } = this.#process;
    await this.#process.until("the ring emptied", READ_LIMIT_MS, () => processState(pid) === "S");
    this.#process.signal("SIGINT");
    const { stderr } = await this.#process.end();
    const count = (what: string) => Number(new RegExp(`(\\d+) packets? ${what}`).exec(stderr)?.[1]);
    return { captured: count("captured"), dropped: count("dropped by kernel") };
  }
}
