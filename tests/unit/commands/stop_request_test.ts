import assert from "node:assert/strict";
import { ignoresHangup, StopRequest } from "../../../src/commands/record/stop_request.ts";

Deno.test("ignoresHangup() reads bit 0 of SigIgn", () => {
  assert.equal(ignoresHangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000000000\n"), false);
  assert.equal(ignoresHangup("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"), true);
  assert.equal(ignoresHangup(""), false);
});

/** Signals that come when a test says so. */
class FakeSignals {
  readonly listeners = new Map<Deno.Signal, () => void>();

  addSignalListener = (signal: Deno.Signal, listener: () => void): void => {
    this.listeners.set(signal, listener);
  };

  removeSignalListener = (signal: Deno.Signal, listener: () => void): void => {
    if (this.listeners.get(signal) === listener) this.listeners.delete(signal);
  };

  send(...signals: Deno.Signal[]): void {
    for (const signal of signals) this.listeners.get(signal)!();
  }
}

const HANGUP_NOT_IGNORED = "SigIgn:\t0000000000000000\n";
const HANGUP_IGNORED = "SigIgn:\t0000000000000001\n";

/** What of a request has come true once everything that waits for it has run. */
async function outcome(stop: StopRequest): Promise<string[]> {
  const seen: string[] = [];
  void stop.requested.then(() => seen.push("requested"));
  void stop.forced.then(() => seen.push("forced"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  return seen;
}

Deno.test("StopRequest is requested by the first signal and forced by a later SIGINT only", async () => {
  const cases: [Deno.Signal[], string[]][] = [
    [[], []],
    [["SIGINT"], ["requested"]],
    [["SIGTERM"], ["requested"]],
    [["SIGHUP"], ["requested"]],
    [["SIGTERM", "SIGTERM", "SIGHUP", "SIGHUP", "SIGTERM"], ["requested"]],
    [["SIGINT", "SIGTERM", "SIGHUP"], ["requested"]],
    [["SIGINT", "SIGINT"], ["requested", "forced"]],
    [["SIGTERM", "SIGINT"], ["requested", "forced"]],
  ];
  for (const [signals, expected] of cases) {
    const source = new FakeSignals();
    using stop = new StopRequest(source, HANGUP_NOT_IGNORED);
    source.send(...signals);
    assert.deepEqual(await outcome(stop), expected, signals.join());
  }
});

Deno.test("StopRequest is repeated by a second SIGINT, or by a SIGTERM a second later", async () => {
  const cases: [[Deno.Signal, number][], boolean][] = [
    [[["SIGTERM", 0]], false],
    // timeout(1) sends it twice, and a terminal that closes sends SIGHUP twice.
    [[["SIGTERM", 0], ["SIGTERM", 999]], false],
    [[["SIGHUP", 0], ["SIGHUP", 5000]], false],
    [[["SIGTERM", 0], ["SIGTERM", 1000]], true],
    [[["SIGHUP", 0], ["SIGTERM", 1000]], true],
    [[["SIGTERM", 0], ["SIGINT", 1]], true],
  ];
  for (const [signals, expected] of cases) {
    const source = new FakeSignals();
    let now = 0;
    using stop = new StopRequest(source, HANGUP_NOT_IGNORED, () => now);
    let repeated = false;
    void stop.repeated.then(() => repeated = true);
    for (const [signal, at] of signals) {
      now = at;
      source.send(signal);
    }
    await outcome(stop);
    assert.equal(repeated, expected, signals.join());
  }
});

Deno.test("StopRequest.next() waits for a signal that is still to come", async () => {
  const source = new FakeSignals();
  using stop = new StopRequest(source, HANGUP_NOT_IGNORED);
  source.send("SIGTERM");
  let came = false;
  void stop.next().then(() => came = true);
  await outcome(stop);
  assert.equal(came, false);
  source.send("SIGTERM");
  await outcome(stop);
  assert.equal(came, true);
});

Deno.test("StopRequest hears SIGHUP and does nothing when nohup has it ignored", async () => {
  const source = new FakeSignals();
  using stop = new StopRequest(source, HANGUP_IGNORED);
  source.send("SIGHUP");
  assert.deepEqual(await outcome(stop), []);
  source.send("SIGINT");
  assert.deepEqual(await outcome(stop), ["requested"]);
});

Deno.test("StopRequest listens to nothing after its disposal", () => {
  const source = new FakeSignals();
  const stop = new StopRequest(source, HANGUP_NOT_IGNORED);
  stop.onSignal("SIGQUIT", () => {});
  assert.deepEqual([...source.listeners.keys()], [
    "SIGXFSZ",
    "SIGINT",
    "SIGTERM",
    "SIGHUP",
    "SIGQUIT",
  ]);
  stop[Symbol.dispose]();
  assert.deepEqual([...source.listeners.keys()], []);
});
