import assert from "node:assert/strict";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { BatchProducer, createQueueMemory } from "../../../src/batch/batch_queue.ts";
import { startWorker } from "../../../src/core/worker_thread.ts";
import type { WriterMessage } from "../../../src/sinks/writer_protocol.ts";
import { WriterThread } from "../../../src/sinks/writer_thread.ts";
import { within } from "../../support/deadline.ts";
import { PROJECT } from "../../support/inspector_cli.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "./packets.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** Limit for what takes a second on an idle machine. */
const LIMIT_MS = 60_000;

/** Writes `rows` rows to standard output, which nobody reads if `unread`. */
async function stream(rows: number, unread: boolean) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/support/writer_worker_probe.ts", String(rows)],
    cwd: PROJECT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = unread ? child.stdout.cancel() : new Response(child.stdout).bytes();
  if (unread) await output;
  const begin = child.stdin.getWriter();
  await begin.write(new Uint8Array(1));
  await begin.close();
  const stderr = await within(
    "the end of the writer",
    LIMIT_MS,
    new Response(child.stderr).text(),
    () => child.kill("SIGKILL"),
  );
  assert.equal((await child.status).code, 0, stderr);
  const messages = stderr.trimEnd().split("\n").map((line) => JSON.parse(line) as WriterMessage);
  return { bytes: await output, messages };
}

Deno.test("the writing thread streams all rows to standard output", async () => {
  const { bytes, messages } = await stream(5000, false);
  assert.ok(bytes);
  assert.deepEqual(messages.at(-1), {
    type: "completed",
    bytes: bytes.length,
  });
  assert.deepEqual(messages.at(-2), { type: "finished", rows: 5000 });
  const table = tableFromIPC(bytes);
  assert.equal(table.numRows, 5000);
  assert.deepEqual(new Set(table.getChild("protocol")), new Set(["ARP"]));
});

Deno.test("the writing thread does not fail when nobody reads standard output any more", async () => {
  const { messages } = await stream(5000, true);
  assert.deepEqual(messages, [{ type: "broken_pipe" }]);
});

Deno.test("the writing thread says why it fails, and what to do about it", async () => {
  using directory = TempDirectory.create();
  const missing = join(directory.path, "missing");
  const queue = createQueueMemory(1);
  new BatchProducer(queue).close();
  using thread = new WriterThread(startWorker);
  const plan = { type: "parquet", workDirectory: missing, path: join(missing, "x") } as const;
  await thread.open(queue, [plan], { attachments: ATTACHMENTS, metadata: {} });
  await assert.rejects(within("the failure of the writer", LIMIT_MS, thread.failure), {
    name: "RunError",
    message: `Cannot write "${join(missing, "000001.parquet")}": no such file or directory`,
    hint: "Choose another place with --output",
  });
});

Deno.test("the writing thread can write nowhere but in its directory", async () => {
  using directory = TempDirectory.create();
  const own = join(directory.path, "own");
  Deno.mkdirSync(own);
  const queue = createQueueMemory(1);
  const producer = new BatchProducer(queue);
  const [{ batch }] = batchesOf([PACKETS.tcp4]) as [ReturnType<typeof batchesOf>[number]];
  const slot = producer.acquire()!;
  for (const [name, column] of Object.entries(batch)) {
    (slot[name as keyof typeof slot] as Uint8Array).set(column as Uint8Array);
  }
  producer.publish(1);
  producer.close();
  using thread = new WriterThread(startWorker);
  const outside = join(directory.path, "outside.parquet");
  const plan = { type: "parquet", workDirectory: own, path: outside } as const;
  await thread.open(queue, [plan], { attachments: ATTACHMENTS, metadata: {} });
  const finished = await within("the segment", LIMIT_MS, thread.finished());
  assert.deepEqual(finished, { rows: 1, lost: [], newAddresses: 4 });
  assert.deepEqual([...Deno.readDirSync(own)].map(({ name }) => name).sort(), [
    "part-000001.data",
    "part-000001.index",
  ]);
  await assert.rejects(within("the failure of the writer", LIMIT_MS, thread.complete({})), {
    message: /outside\.parquet.*permission denied/i,
  });
  assert.deepEqual([...Deno.readDirSync(directory.path)].map(({ name }) => name), ["own"]);
});
