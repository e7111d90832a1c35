import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { addressText, ipv4Text, ipv6Text, macText } from "../../../src/contract/address_text.ts";

/** 16-bit groups as the words that lie in memory. */
function words(...groups: readonly number[]): Uint32Array {
  const bytes = new Uint8Array(16);
  groups.forEach((group, index) => new DataView(bytes.buffer).setUint16(2 * index, group));
  return new Uint32Array(bytes.buffer);
}

/** Groups among which zeros and runs of them are frequent. */
const someGroups = fc.array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff)), {
  minLength: 8,
  maxLength: 8,
});

Deno.test("ipv4Text() writes the bytes in memory order", () => {
  assert.equal(ipv4Text(new Uint32Array(Uint8Array.of(192, 0, 2, 255).buffer)[0]!), "192.0.2.255");
  assert.equal(ipv4Text(0), "0.0.0.0");
  assert.equal(ipv4Text(0xffff_ffff), "255.255.255.255");
});

// RFC 5952, section 4, rule by rule.
const GOLDEN: readonly (readonly [rule: string, groups: readonly number[], text: string])[] = [
  ["4.1 leading zeros go", [0x2001, 0xdb8, 1, 2, 3, 4, 5, 0x0a], "2001:db8:1:2:3:4:5:a"],
  ["4.2.1 :: is as long as possible", [0x2001, 0xdb8, 0, 0, 0, 0, 2, 1], "2001:db8::2:1"],
  ["4.2.2 no :: for one group", [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"],
  ["4.2.3 the longest run", [0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"],
  ["4.2.3 the first of equal runs", [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"],
  ["4.3 lower case", [0x2001, 0xdb8, 0, 0, 0, 0, 0xabcd, 0xef], "2001:db8::abcd:ef"],
  ["a run at the start", [0, 0, 0, 0, 0, 0, 0, 1], "::1"],
  ["a run at the end", [0xfe80, 0, 0, 0, 0, 0, 0, 0], "fe80::"],
  ["the unspecified address", [0, 0, 0, 0, 0, 0, 0, 0], "::"],
  ["no run at all", [1, 2, 3, 4, 5, 6, 7, 8], "1:2:3:4:5:6:7:8"],
  ["one zero group at either end", [0, 2, 3, 4, 5, 6, 7, 0], "0:2:3:4:5:6:7:0"],
  ["5 IPv4-mapped is mixed", [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201], "::ffff:192.0.2.1"],
  ["IPv4-compatible is not", [0, 0, 0, 0, 0, 0, 0xc000, 0x0201], "::c000:201"],
  ["NAT64 is not", [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x0201], "64:ff9b::c000:201"],
];

for (const [rule, groups, text] of GOLDEN) {
  Deno.test(`ipv6Text() follows RFC 5952: ${rule}`, () => {
    assert.equal(ipv6Text(words(...groups)), text);
  });
}

Deno.test("ipv6Text() agrees with the URL parser of the runtime", () => {
  fc.assert(fc.property(someGroups, (groups) => {
    const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
    fc.pre(!mapped); // The WHATWG serializer never mixes.
    const full = groups.map((group) => group.toString(16)).join(":");
    assert.equal(`[${ipv6Text(words(...groups))}]`, new URL(`http://[${full}]/`).hostname);
  }));
});

Deno.test("ipv6Text() starts at the word it is told", () => {
  const both = new Uint32Array([
    ...words(1, 2, 3, 4, 5, 6, 7, 8),
    ...words(0, 0, 0, 0, 0, 0, 0, 1),
  ]);
  assert.equal(ipv6Text(both, 4), "::1");
});

Deno.test("ipv4Text() and ipv6Text() write what node:net takes for an address", () => {
  fc.assert(fc.property(someGroups, (groups) => {
    assert.ok(isIPv6(ipv6Text(words(...groups))));
    assert.ok(isIPv4(ipv4Text(words(...groups)[0]!)));
  }));
});

Deno.test("macText() writes six bytes in memory order with leading zeros", () => {
  assert.equal(macText(0x0302_01fe, 0x05_04), "fe:01:02:03:04:05");
  assert.equal(macText(0xffff_ffff, 0xffff), "ff:ff:ff:ff:ff:ff");
  assert.equal(macText(0, 0), "00:00:00:00:00:00");
});

Deno.test("addressText() writes IPv4-mapped addresses as IPv4 and others as IPv6", () => {
  const bytes = (...groups: number[]) => new Uint8Array(words(...groups).buffer);
  assert.equal(addressText(bytes(0, 0, 0, 0, 0, 0xffff, 0x0a00, 1)), "10.0.0.1");
  assert.equal(addressText(bytes(0xfe80, 0, 0, 0, 0, 0, 0, 1)), "fe80::1");
  assert.equal(addressText(bytes(0, 0, 0, 0, 0, 0xfffe, 0x0a00, 1)), "::fffe:a00:1");
});

Deno.test("addressText() reads from where the bytes are in their buffer", () => {
  const memory = new Uint8Array(19);
  memory.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1], 3);
  assert.equal(addressText(memory.subarray(3)), "192.0.2.1");
});
