/**
 * The statistics by sender, and the setting that switches them.
 */
import assert from "node:assert/strict";

import { takeSenders, testRunTc, testRunXdp } from "../../ffi/mod.ts";
import { BpfInspector, NEEDS_ROOT } from "../support/bpf_inspector.ts";
import { arpRequest, ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { DESTINATION_IPV4, ipv4, SOURCE_IPV4 } from "../support/frames/ipv4.ts";
import { ipv6, SOURCE_IPV6 } from "../support/frames/ipv6.ts";
import { filler } from "../support/frames/octets.ts";
import { PROTOCOL, udp } from "../support/frames/transport.ts";

const { IPV4, IPV6, ARP } = ETHERTYPE;
const { UDP } = PROTOCOL;
const OTHER_IPV4 = "0a000001";

function overIpv4(source: string, payload: number): Uint8Array {
  return ethernet(IPV4, ipv4({ protocol: UDP, source }, udp(filler(payload))));
}

function overIpv6(source: string, payload: number): Uint8Array {
  return ethernet(IPV6, ipv6({ next: UDP, source }, udp(filler(payload))));
}

/** Address to packets and bytes, of all entries since the last call. */
function senders(inspector: BpfInspector): Record<string, { packets: number; bytes: number }> {
  const entries = takeSenders(inspector.mapFd("senders"), 1000);
  return Object.fromEntries(
    entries.map(({ key, packets, bytes }) => [key.toHex(), { packets, bytes }]),
  );
}

/** An IPv4-mapped address: RFC 4291, 2.5.5.2. */
function mapped(address: string): string {
  return "00".repeat(10) + "ffff" + address;
}

for (const program of ["inspect_xdp", "inspect_tc_ingress"] as const) {
  const run = program === "inspect_xdp" ? testRunXdp : testRunTc;

  Deno.test({
    name: `${program}() counts packets and bytes of each sender when the statistics are on`,
    ignore: NEEDS_ROOT,
    fn: () => {
      using inspector = new BpfInspector(program, { senderStatistics: true });
      const sent: readonly (readonly [Uint8Array, number])[] = [
        [overIpv4(SOURCE_IPV4, 10), 3], // 52 bytes
        [overIpv4(SOURCE_IPV4, 20), 2], // 62 bytes
        [overIpv4(OTHER_IPV4, 0), 1], // 42 bytes
        [overIpv6(SOURCE_IPV6, 30), 4], // 92 bytes
      ];

      for (const [frame, times] of sent) {
        for (let i = 0; i < times; i++) run(inspector.programFd, frame);
      }

      assert.deepEqual(senders(inspector), {
        [mapped(SOURCE_IPV4)]: { packets: 5, bytes: 3 * 52 + 2 * 62 },
        [mapped(OTHER_IPV4)]: { packets: 1, bytes: 42 },
        [SOURCE_IPV6]: { packets: 4, bytes: 4 * 92 },
      });
    },
  });
}

Deno.test({
  name: "inspect_xdp() counts no sender when a packet has no IP header",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", { senderStatistics: true });
    testRunXdp(inspector.programFd, ethernet(ARP, arpRequest(SOURCE_IPV4, DESTINATION_IPV4)));
    testRunXdp(inspector.programFd, ethernet(0x88b5, filler(46)));
    testRunXdp(inspector.programFd, overIpv4(SOURCE_IPV4, 0).subarray(0, 33));
    assert.deepEqual(senders(inspector), {});
    assert.equal(inspector.counters().captured, 3);
  },
});

Deno.test({
  name: "inspect_xdp() keeps an IPv6 sender apart from the IPv4 sender with the same first bytes",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", { senderStatistics: true });
    testRunXdp(inspector.programFd, overIpv4(SOURCE_IPV4, 0));
    testRunXdp(inspector.programFd, overIpv6(SOURCE_IPV4 + "00".repeat(12), 0));
    assert.deepEqual(
      Object.keys(senders(inspector)).sort(),
      [
        mapped(SOURCE_IPV4),
        SOURCE_IPV4 + "00".repeat(12),
      ].sort(),
    );
  },
});

Deno.test({
  name: "inspect_xdp() counts tens of thousands of senders when the statistics are on",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", {
      senderStatistics: true,
      ringBytes: 4096 * 1024,
    });
    const count = 20_000;
    for (let source = 0; source < count; source++) {
      const address = (0x0a000000 + source).toString(16).padStart(8, "0");
      testRunXdp(inspector.programFd, overIpv4(address, 0));
    }
    const entries = takeSenders(inspector.mapFd("senders"), 2 * count);
    assert.equal(entries.length, count);
    assert.ok(entries.every(({ packets, bytes }) => packets === 1 && bytes === 42));
  },
});

Deno.test({
  name: "inspect_xdp() leaves the map empty when the statistics are off",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", { senderStatistics: false });
    testRunXdp(inspector.programFd, overIpv4(SOURCE_IPV4, 0), 100);
    assert.deepEqual(senders(inspector), {});
    assert.equal(inspector.counters().captured, 100);
  },
});

Deno.test({
  name: "inspect_xdp() estimates the senders when a CPU has captured many packets",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", {
      senderStatistics: true,
      ringShape: { rings: 1, slots: 1 << 18, limit: 200_000 },
    });
    const frame = overIpv4(SOURCE_IPV4, 10);
    testRunXdp(inspector.programFd, frame, 65_536);
    inspector.drain();
    assert.equal(senders(inspector)[mapped(SOURCE_IPV4)]!.packets, 65_536);

    const estimates = ["0a000002", "0a000003", "0a000004"].map((address) => {
      testRunXdp(inspector.programFd, overIpv4(address, 10), 160_000);
      inspector.drain();
      return senders(inspector)[mapped(address)]!;
    });
    assert.equal(inspector.counters().ring_full, 0);
    for (const { packets, bytes } of estimates) {
      // Binomial with a standard deviation of 1,549: ten of them never happen by chance.
      assert.ok(Math.abs(packets - 160_000) < 15_490, `${packets}`);
      assert.equal(bytes, packets * frame.length);
    }
    // Three exact counts would be no estimates.
    assert.ok(estimates.some(({ packets }) => packets !== 160_000));
  },
});

Deno.test({
  name: "takeSenders() gives what came since the last call",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp", { senderStatistics: true });
    const fd = inspector.mapFd("senders");
    const take = () => takeSenders(fd, 10).map(({ key, packets }) => [key.toHex(), packets]);
    testRunXdp(inspector.programFd, overIpv4(SOURCE_IPV4, 10), 3);
    testRunXdp(inspector.programFd, overIpv4(OTHER_IPV4, 10));
    assert.deepEqual(take(), [[mapped(SOURCE_IPV4), 3], [mapped(OTHER_IPV4), 1]]);
    testRunXdp(inspector.programFd, overIpv4(OTHER_IPV4, 10), 2);
    assert.deepEqual(take(), [[mapped(OTHER_IPV4), 2]]);
    assert.deepEqual(take(), []);
  },
});
