import assert from "node:assert/strict";
import { VerifierError, verifierReason } from "../../../ffi/bpf/verifier_log.ts";

/** Log of Linux 6.18 for a program that reads the packet without a bounds check. */
const PACKET_LOG = `0: R1=ctx() R10=fp0
; SEC("xdp") int bad(struct xdp_md *x){ return *(int*)(long)x->data; } @ t.bpf.c:20
0: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)
1: (61) r0 = *(u32 *)(r1 +0)
invalid access to packet, off=0 size=4, R1(id=0,off=0,r=0)
R1 offset is outside of the packet
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

/** A complaint that is followed by nothing but statistics with \`log_level\` 4. */
const STATISTICS_LOG = `7: (85) call unknown#300
invalid func unknown#300
verification time 35 usec
stack depth 16
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

Deno.test("verifierReason() finds the last complaint before the statistics", () => {
  assert.equal(verifierReason(PACKET_LOG), "R1 offset is outside of the packet");
});

Deno.test("verifierReason() leaves statistics out", () => {
  assert.equal(verifierReason(STATISTICS_LOG), "invalid func unknown#300");
});

Deno.test("verifierReason() gives the last line when no line is a complaint", () => {
  assert.equal(verifierReason("0: (b7) r0 = 0\n1: (95) exit\n\n"), "1: (95) exit");
});

Deno.test("verifierReason() is empty for an empty log", () => {
  assert.equal(verifierReason(""), "");
});

Deno.test("VerifierError keeps the whole log", () => {
  const error = new VerifierError('load the BPF program "bad"', 13, PACKET_LOG);
  assert.equal(error.log, PACKET_LOG);
  assert.equal(error.code, "EACCES");
  assert.equal(error.name, "VerifierError");
  assert.ok(error.message.startsWith(
    'Cannot load the BPF program "bad": permission denied (EACCES)\n0: R1=ctx()',
  ));
  assert.ok(error.message.endsWith("mark_read 0"));
});
