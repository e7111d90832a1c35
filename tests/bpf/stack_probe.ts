/**
 * Lets frames pass the TC hooks of a network namespace and prints what was recorded of each. Run by
 * `stack_test.ts` inside the namespace:
 *
 *     stack_probe.ts ingress <frame in hexadecimal> ...
 *     stack_probe.ts egress <interface> <command ...>
 *
 * Output: one JSON array of arrays of records, for each frame or for the command.
 *
 * @module
 */
import { BpfLink, interfaceIndex, sendXdpLive } from "../../ffi/mod.ts";
import { BpfInspector } from "../support/bpf_inspector.ts";
import { hex } from "../support/frames/octets.ts";
import { say } from "../support/print.ts";
import { readRecordFields } from "../support/record_fields.ts";

/**
 * Frames that an XDP program passes during a live test run go up the stack of the loopback device,
 * as from a network card, before the call returns: `net/bpf/test_run.c`, xdp_recv_frames().
 */
function probeIngress(frames: readonly string[]): unknown {
  using pass = new BpfInspector("inspect_xdp");
  using tc = new BpfInspector("inspect_tc_ingress");
  using _link = BpfLink.attachTcx(tc.programFd, interfaceIndex("lo"), "ingress");
  return frames.map((frame) => {
    sendXdpLive(pass.programFd, hex(frame), 1);
    return tc.drain().map(readRecordFields);
  });
}

/** What leaves through `interfaceName` while `argv` runs. */
function probeEgress(interfaceName: string, argv: readonly string[]): unknown {
  using tc = new BpfInspector("inspect_tc_egress");
  using _link = BpfLink.attachTcx(tc.programFd, interfaceIndex(interfaceName), "egress");
  const { success, stderr } = new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return tc.drain().map(readRecordFields);
}

const [hook, ...rest] = Deno.args;
say(JSON.stringify(hook === "ingress" ? probeIngress(rest) : probeEgress(rest[0]!, rest.slice(1))));
