import assert from "node:assert/strict";
import { SeriesNames } from "../../../../src/sinks/output/series_names.ts";

const START = Date.UTC(2026, 10, 25, 21, 15, 0, 7);

Deno.test("SeriesNames names files by interface and start, sorted, whatever the clock does", () => {
  const names = new SeriesNames("eth0", null);
  const given = [
    names.next(START),
    names.next(START),
    // Set back by an hour.
    names.next(START - 3_600_000),
    names.next(START + 5),
  ];
  assert.deepEqual(given, [
    "eth0-20261125T211500.007Z.parquet",
    "eth0-20261125T211500.008Z.parquet",
    "eth0-20261125T211500.009Z.parquet",
    "eth0-20261125T211500.012Z.parquet",
  ]);
  assert.deepEqual(given.toSorted(), given);
  assert.equal(names.after(given[3]!), "eth0-20261125T211500.013Z.parquet");
  assert.equal(names.next(START), "eth0-20261125T211500.014Z.parquet");
});

Deno.test("SeriesNames puts host and day before it, as names that cannot lead elsewhere", () => {
  const names = new SeriesNames("eth0", "../a b/c=d");
  assert.equal(
    names.next(START),
    "host=%2E.%2Fa%20b%2Fc%3Dd/date=2026-11-25/eth0-20261125T211500.007Z.parquet",
  );
});

Deno.test("SeriesNames.startOf() knows names of this series only", () => {
  const names = new SeriesNames("eth0", null);
  assert.equal(names.startOf("eth0-20261125T211500.007Z.parquet"), START);
  for (
    const other of [
      "eth0-20261125T211500Z.parquet",
      "eth00-20261125T211500.007Z.parquet",
      "eth0+eth1-20261125T211500.007Z.parquet",
      "eth0-20261125T211500.007Z.parquet.gz",
      "eth0-20261399T211500.007Z.parquet",
      ".eth0-20261125T211500.007Z.parquet",
      "traffic.parquet",
    ]
  ) assert.equal(names.startOf(other), null, other);
});
