import assert from "node:assert/strict";
import fc from "fast-check";
import { BlockList } from "node:net";
import { ipv4Text, ipv6Text } from "../../../src/contract/address_text.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { createMacros } from "../../../src/query/sql_macros.ts";

async function withMacros(): Promise<QuerySession> {
  const session = await QuerySession.open([]);
  await createMacros(session);
  return session;
}

/** Addresses of few different groups, so that nets have members and zeros come in runs. */
const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(1, 0xdb8, 0x2001, 0xffff, 0x10, 0x100) },
  fc.integer({ min: 0, max: 0xffff }),
);
const ipv6Bytes = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }),
  fc.array(group, { minLength: 2, maxLength: 2 }).map((end) => [0, 0, 0, 0, 0, 0xffff, ...end]),
).map((groups) => groups.flatMap((value) => [value >> 8, value & 255]));
const octet = fc.oneof(fc.constantFrom(0, 1, 10, 192, 255), fc.integer({ min: 0, max: 255 }));
const ipv4Bytes = fc.array(octet, { minLength: 4, maxLength: 4 });

function textOf(bytes: readonly number[]): string {
  const view = new DataView(new Uint8Array(bytes).buffer);
  if (bytes.length === 4) return ipv4Text(view.getUint32(0, true));
  return ipv6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset, true)));
}

/** Bytes with all bits behind the prefix cleared. */
function masked(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index));
    return byte & (0xff00 >> kept) & 0xff;
  });
}

/** Some addresses, one of them with a few bits turned, and a prefix. */
const question = fc.oneof(ipv4Bytes, ipv6Bytes).chain((base) =>
  fc.record({
    base: fc.constant(base),
    bits: fc.oneof(
      fc.integer({ min: 0, max: 8 * base.length }),
      fc.integer({ min: 0, max: base.length / 2 }).map((half) => 16 * half),
    ),
    flip: fc.integer({ min: 0, max: 8 * base.length - 1 }),
    other: fc.oneof(ipv4Bytes, ipv6Bytes),
  })
);

Deno.test("in_net() and subnet() are right for every address and prefix", async () => {
  using session = await withMacros();
  const questions = fc.sample(question, { numRuns: 3000, seed: 7 });
  const values: string[] = [];
  const wanted: unknown[] = [];
  for (const { base, bits, flip, other } of questions) {
    const near = base.map((byte, index) => index === flip >> 3 ? byte ^ (128 >> (flip & 7)) : byte);
    for (const address of [base, near, other]) {
      const net = `${textOf(base)}/${bits}`;
      const isIn = address.length === base.length &&
        textOf(masked(address, bits)) === textOf(masked(base, bits));
      values.push(`(${values.length}, '${textOf(address)}', '${net}')`);
      wanted.push(isIn);
    }
  }
  // As columns: nothing is known when the query is planned.
  const table = `(VALUES ${values.join(", ")}) t(number, ip, net)`;
  const rows = await session.rows(`SELECT in_net(ip, net) FROM ${table} ORDER BY number`);
  rows.forEach(([found], index) => assert.equal(found, wanted[index], values[index]));
  // As constants: what the planner makes of them, in the way that is taken for columns.
  for (const { base, bits, flip, other } of questions.slice(0, 150)) {
    const near = base.map((byte, index) => index === flip >> 3 ? byte ^ (128 >> (flip & 7)) : byte);
    const all = [base, near, other];
    const list = all.map((address) => `('${textOf(address)}')`).join(", ");
    const [ipv4, ipv6] = base.length === 4 ? [bits, 64] : [24, bits];
    const sql = `SELECT in_net(ip, '${textOf(base)}/${bits}'), subnet(ip, ${ipv4}, ${ipv6})
      FROM (VALUES ${list}) t(ip)`;
    const found = await session.rows(sql);
    all.forEach((address, index) => {
      const isIn = address.length === base.length &&
        textOf(masked(address, bits)) === textOf(masked(base, bits));
      const length = address.length === 4 ? ipv4 : ipv6;
      assert.equal(found[index]![0], isIn, sql);
      const net = masked(address, length);
      assert.equal(found[index]![1], `${textOf(net)}/${length}`, sql);
    });
  }
});

Deno.test("in_net() agrees with the BlockList of Node.js on nets written in other ways", async () => {
  using session = await withMacros();
  const nets: [net: string, address: string, bits: number, family: "ipv4" | "ipv6"][] = [
    ["2001:DB8::/32", "2001:db8::", 32, "ipv6"],
    ["2001:0db8:0000::/48", "2001:db8::", 48, "ipv6"],
    ["2001:db8:0:0:1:2:3:4/64", "2001:db8::", 64, "ipv6"],
    ["::/0", "::", 0, "ipv6"],
    ["fe80::/10", "fe80::", 10, "ipv6"],
    ["fc00::/7", "fc00::", 7, "ipv6"],
    ["10.1.2.3/8", "10.0.0.0", 8, "ipv4"],
    ["0.0.0.0/0", "0.0.0.0", 0, "ipv4"],
    ["172.16.0.0/12", "172.16.0.0", 12, "ipv4"],
  ];
  const addresses = [
    ...[
      "2001:db8::1",
      "2001:db8:0:1::1",
      "2001:db80::1",
      "2001:d::1",
      "fe80::1",
      "febf::",
      "fec0::",
    ],
    ...["fd00::1", "::1", "::", "10.0.0.1", "100.0.0.1", "1.0.0.0", "172.31.255.255", "172.32.0.0"],
  ];
  for (const [net, base, bits, family] of nets) {
    const list = new BlockList();
    list.addSubnet(base, bits, family);
    for (const address of addresses) {
      const its = address.includes(":") ? "ipv6" : "ipv4";
      const isIn = its === family && list.check(address, its);
      const [row] = await session.rows(`SELECT in_net('${address}', '${net}')`);
      assert.equal(row![0], isIn, `${address} in ${net}`);
    }
  }
});

Deno.test("in_net() takes one address, passes NULL on and refuses what is no net", async () => {
  using session = await withMacros();
  const value = async (sql: string) => (await session.rows(`SELECT ${sql}`))[0]![0];
  assert.equal(await value("in_net('10.0.0.1', '10.0.0.1')"), true);
  assert.equal(await value("in_net('10.0.0.10', '10.0.0.1')"), false);
  assert.equal(await value("in_net('::1', '0:0:0:0:0:0:0:1')"), true);
  assert.equal(await value("in_net(NULL, '10.0.0.0/8')"), null);
  assert.equal(await value("in_net(NULL, 'fe80::/10')"), null);
  assert.equal(await value("in_net('10.0.0.1', NULL)"), null);
  assert.equal(await value("in_net('invalid', '10.0.0.0/9')"), null);
  const wrong = [
    ...["10.0.0.0/33", "10.0.0/8", "10.0.0.256", "10.0.0.0/", "x", "", "10.0.0.0/-1", "1.2.3.4.5"],
    ...["fe80::/129", "fe80::1::2", "1:2:3", "12345::", "g::", ":1:2", "1::2:", ":::"],
  ];
  for (const net of wrong) {
    await assert.rejects(value(`in_net('10.0.0.1', '${net}')`), /in_net: ".*" is no net/, net);
  }
});

Deno.test("subnet() has prefixes of 24 and 64 bits unless told otherwise", async () => {
  using session = await withMacros();
  const value = async (sql: string) => (await session.rows(`SELECT ${sql}`))[0]![0];
  assert.equal(await value("subnet('192.0.2.77')"), "192.0.2.0/24");
  assert.equal(await value("subnet('192.0.2.77', 16)"), "192.0.0.0/16");
  assert.equal(await value("subnet('2001:db8:1:2:3::4', 24)"), "2001:db8:1:2::/64");
  assert.equal(await value("subnet('2001:db8:1:2:3::4', ipv6_bits := 44)"), "2001:db8::/44");
  assert.equal(await value("subnet('2001:db8:1:2:3::4', 8, 48)"), "2001:db8:1::/48");
  assert.equal(await value("subnet(NULL)"), null);
  assert.equal(await value("subnet('invalid')"), null);
  await assert.rejects(value("subnet('10.0.0.1', 33)"), /subnet: 33 is no length of a prefix/);
});

Deno.test("has_flags() is whether all flags are set", async () => {
  using session = await withMacros();
  const names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
  for (let mask = 1; mask < 256; mask += 3) {
    const list = names.filter((_, bit) => mask >> bit & 1).join(", ").toLowerCase();
    const rows = await session.rows(
      `SELECT i FROM range(256) t(i) WHERE has_flags(i::UTINYINT, '${list}') ORDER BY i`,
    );
    const wanted = Array.from({ length: 256 }, (_, flags) => flags)
      .filter((flags) => (flags & mask) === mask);
    assert.deepEqual(rows.map(([i]) => Number(i)), wanted);
  }
  const value = async (sql: string) => (await session.rows(`SELECT ${sql}`))[0]![0];
  assert.equal(await value("has_flags(NULL::UTINYINT, 'SYN')"), null);
  for (const wrong of ["", "SYNACK", "SYN ACK", "SYN,", "S"]) {
    await assert.rejects(
      value(`has_flags(2::UTINYINT, '${wrong}')`),
      /has_flags: .* is none of FIN, SYN/,
    );
  }
});
