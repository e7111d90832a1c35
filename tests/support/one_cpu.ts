/**
 * Tests of what the BPF programs count for each CPU.
 *
 * @module
 */

/**
 * Runs `body` on one CPU: the scheduler may otherwise move the thread between two packets, which are
 * then counted on different CPUs.
 */
export function onOneCpu<T>(body: () => T): T {
  const thread = Deno.readLinkSync("/proc/thread-self").split("/").at(-1)!;
  const before = allowedCpus(thread);
  allowCpus(thread, before.split(/[-,]/)[0]!);
  try {
    return body();
  } finally {
    allowCpus(thread, before);
  }
}

/** CPUs that a thread may run on, as in `0-3,6` (proc_pid_status(5)). */
function allowedCpus(thread: string): string {
  const status = Deno.readTextFileSync(`/proc/self/task/${thread}/status`);
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!;
}

function allowCpus(thread: string, cpus: string): void {
  const { success, stderr } = new Deno.Command("taskset", {
    args: ["--pid", "--cpu-list", cpus, thread],
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error(`Cannot run on CPU ${cpus}: ${new TextDecoder().decode(stderr)}`);
}
