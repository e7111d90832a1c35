import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";

import { maskedNet, type Net } from "../../../src/filter/address_literals.ts";
import { addressSql } from "../../../src/filter/sql_addresses.ts";
import { addressText } from "../../support/filter_packets.ts";
import { Prng } from "../../support/prng.ts";

const SEED = 0xadd4_e550;
const NETS = 260;

/** Addresses in which groups of 0 are as frequent as they can be: the texts of those differ most. */
function ipv6(random: Prng): number[] {
  const group = () =>
    random.pick([0, 0, 0, 1, 0xffff, 0xfe80, 0x2001, 0x0db8, random.below(65536)]);
  const groups = Array.from({ length: 8 }, group);
  if (random.oneIn(6)) groups.splice(0, 6, 0, 0, 0, 0, 0, 0xffff);
  return groups.flatMap((one) => [one >> 8, one & 0xff]);
}

function ipv4(random: Prng): number[] {
  return Array.from({ length: 4 }, () => random.pick([0, 1, 9, 10, 100, 255, random.below(256)]));
}

/** An address that lies in a net or just beside it. */
function near(net: Net, random: Prng): number[] {
  const other = net.bytes.length === 4 ? ipv4(random) : ipv6(random);
  const bytes = other.map((byte, index) => {
    const left = Math.min(8, Math.max(0, net.bits - 8 * index));
    return net.bytes[index]! | byte & 0xff >> left;
  });
  if (random.oneIn(2)) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
}

function contains(net: Net, address: readonly number[]): boolean {
  const digits = (bytes: readonly number[]) =>
    bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, net.bits);
  return net.bytes.length === address.length && digits(net.bytes) === digits(address);
}

for (const [name, address, most] of [["IPv4", ipv4, 32], ["IPv6", ipv6, 128]] as const) {
  Deno.test(`addressSql() tells the addresses of a net by their texts when it is ${name}`, async () => {
    const random = new Prng(SEED);
    const nets = Array.from(
      { length: NETS },
      (_, index) => maskedNet({ bytes: address(random), bits: index % (most + 1) }),
    );
    const addresses = [
      ...nets.flatMap((net) => [near(net, random), near(net, random)]),
      ...Array.from({ length: 500 }, () => ipv4(random)),
      ...Array.from({ length: 500 }, () => ipv6(random)),
    ];
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    try {
      const rows = addresses.map((bytes, number) =>
        `(${number}, ${bytes.length === 4 ? 4 : 6}, '${addressText(bytes)}')`
      );
      await connection.run(
        "CREATE TABLE packets (number INTEGER, ip_version UTINYINT, ip VARCHAR)",
      );
      await connection.run(`INSERT INTO packets VALUES ${rows.join(", ")}`);
      for (const net of nets) {
        const sql = addressSql("ip", net);
        const reader = await connection.runAndReadAll(
          `SELECT number FROM packets WHERE ${sql} ORDER BY number`,
        );
        const found = reader.getRows().map(([number]) => addressText(addresses[Number(number)]!));
        const wanted = addresses.filter((one) => contains(net, one)).map(addressText);
        assert.deepEqual(found, wanted, `${addressText(net.bytes)}/${net.bits}: ${sql}`);
      }
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}
