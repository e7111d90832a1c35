/** `convert`, `sql` and `diff` about packet files of other programs. */
import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { run } from "../../support/child_process.ts";
import { ipv4 } from "../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../support/frames/link.ts";
import { concat, filler } from "../../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import { inspector } from "../../support/inspector_cli.ts";
import { OPTION, Pcapng, text } from "../../support/packet_files.ts";
import { packetFileRows } from "../../support/packet_file_rows.ts";
import { fileMetadata, readRows } from "../../support/parquet_rows.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const UDP = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(7))));
const TCP = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.TCP }, tcp({}, filler(9))));
const NG = new Pcapng();
const PACKETS = 3;

/** Packets of an interface with a name and of one without; what was lost is known of both, or of none. */
function packetFile(isLossKnown: boolean): Uint8Array<ArrayBuffer> {
  const losses = [0, 1].map((on) => NG.statistics(on, [[OPTION.ISB_IFDROP, NG.bytes.u64(2n)]]));
  return Uint8Array.from(concat(
    NG.section(),
    NG.interface(1, [[OPTION.IF_NAME, text("eth0")]]),
    NG.interface(),
    ...isLossKnown ? losses : [],
    NG.packet({ data: UDP, at: 1n, options: [[OPTION.EPB_FLAGS, NG.bytes.u32(1)]] }),
    NG.packet({ data: TCP, at: 2n, length: 900 }),
    NG.packet({ data: TCP, at: 3n, on: 1 }),
  ));
}

function write(directory: TempDirectory, bytes: Uint8Array): string {
  const path = directory.file("a.pcapng");
  Deno.writeFileSync(path, bytes);
  return path;
}

for (const isLossKnown of [true, false]) {
  Deno.test(`convert makes a recording of a packet file whose losses are ${isLossKnown ? "" : "not "}known`, async () => {
    using directory = TempDirectory.create();
    const path = write(directory, packetFile(isLossKnown));
    const output = directory.file("b.parquet");
    const { code, stderr } = await run(inspector("convert", path, "-o", output));
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readRows(output), await packetFileRows(path));

    const metadata = await fileMetadata(output);
    const read = (key: keyof typeof FILE_METADATA_KEY) =>
      JSON.parse(metadata.get(FILE_METADATA_KEY[key]) ?? "null");
    assert.equal(read("counters")?.packets_dropped, isLossKnown ? 4 : undefined);
    assert.deepEqual(
      read("attachments").map((one: Record<string, unknown>) => [
        one.interface,
        one.direction,
        one.hook,
        one.counters,
      ]),
      [["eth0", "ingress"], ["eth0", null], [null, null]].map((
        place,
      ) => [...place, "file", undefined]),
    );
    // Nobody knows what was lost at which.
    const again = await run(inspector("stats", "interfaces", "-f", output, "--format", "csv"));
    assert.equal(again.stdout.match(/,,,\n/g)?.length, PACKETS, again.stdout);
  });
}

Deno.test("convert takes a selection out of a packet file", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, packetFile(true));
  const output = directory.file("b.parquet");
  const words = ["convert", path, "-o", output, "-i", "eth0", "--where", "protocol = 'TCP'"];
  const { code, stderr } = await run(inspector(...words));
  assert.equal(code, 0, stderr);
  assert.deepEqual((await readRows(output)).map((row) => row.packet_length), [900]);
});

Deno.test("convert, sql and diff say where a packet file is damaged, and end with 1", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, packetFile(false).slice(0, -3));
  const output = directory.file("b.parquet");
  const commands = [
    ["convert", path, "-o", output],
    ["sql", "SELECT count(*) AS packets FROM packets", "-f", path, "--format", "csv"],
    ["diff", path, path],
  ];
  for (const words of commands) {
    const { code, stderr } = await run(inspector(...words));
    assert.equal(code, 1, `${words[0]}: ${stderr}`);
    assert.match(stderr, /a\.pcapng" to its end: the file ends within a block, at byte \d+\n/);
  }
  assert.equal((await readRows(output)).length, PACKETS - 1);
});
