/**
 * What processes and the whole machine do and have used, from /proc (proc_pid_stat(5), proc_stat(5)).
 *
 * @module
 */

/** USER_HZ: the unit of CPU times in /proc is 10 ms on every architecture that Deno runs on. */
const TICK_MS = 10;

/** Names of the fields of /proc/<pid>/stat that follow the command's closing parenthesis, by place. */
const STAT = { state: 0, utime: 11, stime: 12, cutime: 13, cstime: 14 } as const;

/** State of a running process's first thread: `S` asleep, `R` running or waiting for a CPU, ... */
export function processState(pid: number): string {
  return statFields(pid)[STAT.state]!;
}

/** CPU time of a running process, all its threads, milliseconds. */
export function processCpuMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[STAT.utime]) + Number(fields[STAT.stime])) * TICK_MS;
}

/** CPU time of all children of this process that have ended, milliseconds. */
export function endedChildrenCpuMs(): number {
  const fields = statFields(Deno.pid);
  return (Number(fields[STAT.cutime]) + Number(fields[STAT.cstime])) * TICK_MS;
}

/**
 * Bytes that this process, and all its children that have ended, have made the kernel write to disks: what
 * was removed before it got there is not in it (proc_pid_io(5); do_exit() adds up what was waited for).
 */
export function diskBytesWritten(): number {
  const text = Deno.readTextFileSync("/proc/self/io");
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(text)![1]);
  return field("write_bytes") - field("cancelled_write_bytes");
}

/** CPU time that the machine was not idle, over all CPUs, milliseconds. */
export function machineCpuMs(): number {
  const [user, nice, system, , , irq, softirq] = Deno.readTextFileSync("/proc/stat")
    .split("\n")[0]!.split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + softirq!) * TICK_MS;
}

/** What all threads of a process have done since it started. */
export interface ThreadUsage {
  /** Times a thread went to sleep, hence woke up again. */
  readonly wakeups: number;
  /** Time on a CPU, milliseconds, exact. */
  readonly cpuMs: number;
}

/** Usage of a running process, thread by thread, since threads may come and go. */
export function threadUsage(pid: number): ThreadUsage {
  let wakeups = 0;
  let cpuMs = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const directory = `/proc/${pid}/task/${name}`;
    const status = Deno.readTextFileSync(`${directory}/status`);
    wakeups += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    cpuMs += Number(Deno.readTextFileSync(`${directory}/schedstat`).split(" ")[0]) / 1e6;
  }
  return { wakeups, cpuMs };
}

/** Resident memory of a process, bytes. */
export interface Memory {
  /** Without the pages of BPF maps. */
  readonly own: number;
  /** Pages of BPF maps: the ring, as often as it is mapped. */
  readonly maps: number;
}

/** Memory of a running process. */
export function residentMemory(pid: number): Memory {
  let own = 0;
  let maps = 0;
  let isMap = false;
  for (const line of Deno.readTextFileSync(`/proc/${pid}/smaps`).split("\n")) {
    const kilobytes = /^Rss:\s+(\d+) kB/.exec(line)?.[1];
    if (kilobytes === undefined) {
      if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isMap = line.includes("bpf-map");
    } else if (isMap) maps += Number(kilobytes) * 1024;
    else own += Number(kilobytes) * 1024;
  }
  return { own, maps };
}

/** Most memory that a process has had at a time, bytes; null when it has ended. */
export function peakMemory(pid: number): number | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

function statFields(pid: number): string[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
