/**
 * Tells systemd, or who else has started this as a service, when recording has begun, that it goes on, and
 * that it ends: sd_notify(3), sd_watchdog_enabled(3).
 *
 * @module
 */
import { NotifySocket } from "../../../ffi/mod.ts";

/** What a service manager asks by the environment. */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

/** The manager of this service; says nothing where there is none. */
export class ServiceManager implements Disposable {
  readonly #socket: Pick<NotifySocket, "say" | typeof Symbol.dispose> | null;
  readonly #aliveEveryMs: number | null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** To be made before this process becomes somebody else. */
  constructor(
    environment: ServiceEnvironment = Deno.env.toObject(),
    connect: (address: string) => NotifySocket | null = NotifySocket.connect,
    pid: number = Deno.pid,
  ) {
    const { NOTIFY_SOCKET: address = "" } = environment;
    this.#socket = address === "" ? null : connect(address);
    this.#aliveEveryMs = watchdogMs(environment, pid);
  }

  /** Recording has begun. From here on the manager hears twice in its time that it goes on. */
  begin(): void {
    this.#socket?.say("READY=1");
    if (this.#socket === null || this.#aliveEveryMs === null) return;
    this.#timer = setInterval(() => this.#socket?.say("WATCHDOG=1"), this.#aliveEveryMs);
  }

  /** Recording has ended; what is left is to write the file. */
  end(): void {
    this.#socket?.say("STOPPING=1");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket?.[Symbol.dispose]();
  }
}

/** @returns half the time after which the manager gives a silent service up; null if it never does */
function watchdogMs(
  { WATCHDOG_USEC: time = "", WATCHDOG_PID: whose }: ServiceEnvironment,
  pid: number,
): number | null {
  if (!/^[1-9]\d{0,15}$/.test(time)) return null;
  if (whose !== undefined && whose !== String(pid)) return null;
  return Math.min(Math.max(Number(time) / 2000, 1), 2 ** 31 - 1);
}
