import { deepEqual, equal } from "node:assert/strict";
import { Recordings } from "../../../src/query/recordings.ts";
import type { FileFacts } from "../../../src/query/selected_facts.ts";
import { haveOneTime, supposedSpan } from "../../../src/query/supposed_span.ts";
import { repeatedLines } from "../../../src/render/trust_lines.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { concat } from "../../support/frames/octets.ts";
import { OPTION, pcap, Pcapng, text } from "../../support/packet_files.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** A file with packets of these seconds, at an interface that has a name or not. */
function file(from: number, to: number, name: string | null = null) {
  return {
    times: { first: BigInt(from) * 1_000_000_000n, last: BigInt(to) * 1_000_000_000n },
    span: {
      startedMs: null,
      seconds: null,
      views: [{ interface: name, direction: null }],
      earlyEnds: [],
    } as FileFacts["span"],
  };
}

Deno.test("haveOneTime() finds files without a name of which the packets are of one time", () => {
  equal(haveOneTime([file(0, 100)]), false);
  equal(haveOneTime([file(0, 100), file(0, 100)]), true);
  equal(haveOneTime([file(50, 200), file(0, 100)]), true);
  equal(haveOneTime([file(0, 1000), file(1, 2), file(500, 600)]), true);
  // One after the other, also where they overlap a little.
  equal(haveOneTime([file(100, 200), file(0, 100)]), false);
  equal(haveOneTime([file(0, 100), file(99, 200)]), false);
  equal(haveOneTime([file(0, 100), file(98, 200)]), true);
  // Those with a name are told apart, or named.
  equal(haveOneTime([file(0, 100, "eth0"), file(0, 100)]), false);
  equal(haveOneTime([{ ...file(0, 1), times: null }, { ...file(0, 1), times: null }]), false);
  const silent = { ...file(0, 100), span: { ...file(0, 100).span, views: [] } };
  equal(haveOneTime([silent, file(0, 100)]), true);
  const known = { ...file(0, 100).span, startedMs: 0, seconds: 100 };
  equal(haveOneTime([{ ...file(0, 100), span: known }, file(0, 100)]), false);
});

Deno.test("supposedSpan() is the time of the packets where a file does not say when it ran", () => {
  const one = file(10, 110, "eth0");
  deepEqual(supposedSpan(one), { ...one.span, startedMs: 10_000, seconds: 99 });
  const known = { ...one, span: { ...one.span, startedMs: 5, seconds: 7 } };
  deepEqual(supposedSpan(known), known.span);
});

Deno.test("the same packets in two files that do not say what they are of are said to count twice", async () => {
  using directory = TempDirectory.create();
  const said = async (metadata: Record<string, string>) => {
    const paths = ["a", "b"].map((name) => directory.file(`${name}.parquet`));
    for (const path of paths) await writeRecording(path, mixedPackets(), metadata);
    using recordings = await Recordings.open(paths);
    return repeatedLines(recordings.repeatedPackets).map(({ text }) => text);
  };
  deepEqual(await said({}), [
    "files that do not say what they recorded have packets of one time: a packet that is in several of " +
    "them counts more than once",
  ]);
  deepEqual(await said(metadataOf(mixedPackets())), [
    "eth0 recorded by several files at one time: their packets count more than once",
  ]);
});

Deno.test("packet files of one time are said to count twice, those that follow each other not", async () => {
  using directory = TempDirectory.create();
  const data = new Uint8Array(60);
  const ng = new Pcapng();
  const named = (name: string, ...seconds: number[]) =>
    concat(
      ng.section(),
      ng.interface(1, [[OPTION.IF_NAME, text(name)]]),
      ...seconds.map((second) => ng.packet({ data, at: BigInt(second) * 1_000_000n })),
    );
  const unnamed = (...seconds: number[]) =>
    pcap(seconds.map((second) => ({ data, time: [second, 0] })));
  const said = async (...files: Uint8Array[]) => {
    const paths = files.map((bytes, index) => {
      const path = directory.file(`${index}.pcap`);
      Deno.writeFileSync(path, Uint8Array.from(bytes));
      return path;
    });
    using recordings = await Recordings.open(paths);
    return repeatedLines(recordings.repeatedPackets).map(({ text }) => text.split(":")[0]);
  };
  const together = ["files that do not say what they recorded have packets of one time"];
  deepEqual(await said(unnamed(5, 60), unnamed(20, 90)), together);
  deepEqual(await said(unnamed(5, 20), unnamed(20, 90)), []);
  const twice = ["eth0 recorded by several files at one time"];
  deepEqual(await said(named("eth0", 5, 60), named("eth0", 20, 90)), twice);
  deepEqual(await said(named("eth0", 5, 20), named("eth0", 20, 90)), []);
  deepEqual(await said(named("eth0", 5, 60), unnamed(20, 90)), []);
  // Of several interfaces at one time nothing is wrong.
  deepEqual(await said(named("eth0", 5, 60), named("eth1", 20, 90)), [
    "a packet that passes several of eth0, eth1 counts at each",
  ]);
});
