import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { askReport } from "../../support/ask_report.ts";
import { type FixturePacket, mixedPackets, START_NS } from "../../support/fixture_packets.ts";
import { writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { networkOf, parsePrefixes, prefixesOf } from "../../../src/reports/network.ts";

/** The networks that SQL makes of addresses. */
async function networks(addresses: readonly string[], ipv4: number, ipv6: number) {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const values = addresses.map((address) => `('${address}')`).join(", ");
    const sql = `SELECT ${networkOf("a", { ipv4, ipv6 })} FROM (VALUES ${values}) AS v(a)`;
    return (await connection.runAndReadAll(sql)).getRows().map(([network]) => network);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Text of 128 bits as the runtime's URL parser writes it: RFC 5952. */
function text(bits: bigint): string {
  const hex = bits.toString(16).padStart(32, "0").match(/.{4}/g)!.join(":");
  return new URL(`http://[${hex}]`).hostname.slice(1, -1);
}

Deno.test("networkOf() masks IPv6 addresses, whatever is zero in them", async () => {
  const group = fc.oneof(fc.constant(0n), fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn }));
  const address = fc.array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce((bits, one) => bits << 16n | one, 0n));
  const property = fc.asyncProperty(
    fc.array(address, { minLength: 50, maxLength: 50 }),
    fc.integer({ min: 0, max: 64 }),
    async (addresses, length) => {
      const shift = BigInt(128 - length);
      const expected = addresses.map((bits) => `${text(bits >> shift << shift)}/${length}`);
      assert.deepEqual(await networks(addresses.map(text), 24, length), expected);
    },
  );
  await fc.assert(property, { numRuns: 20 });
});

Deno.test("networkOf() masks IPv4 addresses", async () => {
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
  const property = fc.asyncProperty(
    fc.array(octets, { minLength: 50, maxLength: 50 }),
    fc.integer({ min: 0, max: 32 }),
    async (addresses, length) => {
      const expected = addresses.map((address) => {
        const kept = address.map((octet, index) => {
          const bits = Math.min(8, Math.max(0, length - 8 * index));
          return octet - octet % 2 ** (8 - bits);
        });
        return `${kept.join(".")}/${length}`;
      });
      const texts = addresses.map((address) => address.join("."));
      assert.deepEqual(await networks(texts, length, 64), expected);
    },
  );
  await fc.assert(property, { numRuns: 20 });
});

Deno.test("networkOf() takes an IPv4-mapped address for IPv6, and says what is no address", async () => {
  const odd = [
    "::ffff:192.0.2.1",
    "invalid",
    "1.2.3",
    "1.2.3.400",
    "1.2.3.4.5",
    "2001:zz::",
    "",
    ":",
  ];
  assert.deepEqual(await networks(odd, 24, 64), ["::/64", ...odd.slice(1).map(() => "invalid")]);
});

Deno.test("top --by subnet masks IPv6 addresses within their last 64 bits", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const pairs = [
    ["2001:db8::1:0:0:fe01", "2001:db8::1:0:0:feff"],
    ["2001:db8:0:1::2", "::ffff:192.0.2.1"],
    ["10.0.0.1", "10.0.0.130"],
  ];
  const packets = pairs.map(([source_ip, destination_ip], index): FixturePacket => ({
    ...mixedPackets()[0]!,
    timestamp: START_NS + BigInt(index),
    source_ip: source_ip!,
    destination_ip: destination_ip!,
  }));
  await writeRecording(path, packets, {});
  const subnets = async (by: string) => {
    const rows = await askReport(["top", "--by", by], [path]);
    return rows.map(({ subnet }) => String(subnet)).sort();
  };
  assert.deepEqual(await subnets("subnet/25/128"), [
    "10.0.0.0/25",
    "10.0.0.128/25",
    "2001:db8:0:1::2/128",
    "2001:db8::1:0:0:fe01/128",
    "2001:db8::1:0:0:feff/128",
    "::ffff:192.0.2.1/128",
  ]);
  assert.deepEqual(await subnets("subnet/24/119"), [
    "10.0.0.0/24",
    "2001:db8:0:1::/119",
    "2001:db8::1:0:0:fe00/119",
    "::ffff:192.0.2.0/119",
  ]);
  assert.deepEqual(await subnets("subnet/24/65"), [
    "10.0.0.0/24",
    "2001:db8:0:1::/65",
    "2001:db8::/65",
    "::/65",
  ]);
});

Deno.test("parsePrefixes() reads lengths for IPv4 and IPv6, and refuses others", () => {
  assert.deepEqual(prefixesOf([]), { ipv4: 24, ipv6: 64 });
  assert.deepEqual(prefixesOf(parsePrefixes("16")), { ipv4: 16, ipv6: 64 });
  assert.deepEqual(prefixesOf(parsePrefixes("32/0")), { ipv4: 32, ipv6: 0 });
  assert.deepEqual(prefixesOf(parsePrefixes("0/128")), { ipv4: 0, ipv6: 128 });
  for (const wrong of ["", "33", "24/129", "24/", "/24", "1.5", "-1", "24/64/1", "x"]) {
    assert.throws(() => parsePrefixes(wrong), /no length of a prefix/, wrong);
  }
});
