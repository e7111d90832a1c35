import assert from "node:assert/strict";
import { missingCapabilities } from "../../../src/core/capabilities.ts";

Deno.test("missingCapabilities() names what CapEff lacks", () => {
  const status = (mask: bigint) => `Name:\tdeno\nCapEff:\t${mask.toString(16).padStart(16, "0")}\n`;
  const netAdmin = 1n << 12n, sysAdmin = 1n << 21n, perfmon = 1n << 38n, bpf = 1n << 39n;
  assert.deepEqual(missingCapabilities(status(0n)), ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"]);
  assert.deepEqual(missingCapabilities(status(netAdmin | perfmon)), ["CAP_BPF"]);
  assert.deepEqual(missingCapabilities(status(netAdmin | bpf)), ["CAP_PERFMON"]);
  assert.deepEqual(missingCapabilities(status(bpf | perfmon)), ["CAP_NET_ADMIN"]);
  assert.deepEqual(missingCapabilities(status(bpf | perfmon | netAdmin)), []);
  assert.deepEqual(missingCapabilities(status(sysAdmin | netAdmin)), []);
  assert.deepEqual(missingCapabilities(""), ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"]);
});
