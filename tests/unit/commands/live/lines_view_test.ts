import assert from "node:assert/strict";
import { LinesView } from "../../../../src/commands/live/lines_view.ts";
import { createFilterCell } from "../../../../src/sinks/live/filter_cell.ts";
import { BrokenPipe } from "../../../../src/core/standard_streams.ts";
import { countsOf } from "../../../support/fake_counts.ts";
import { FIRST_SECOND, ipv4, PLACES, secondOf } from "../../../support/live_screens.ts";

/** A second of one packet of 100 bytes. */
function onePacket(second: number) {
  return secondOf(second, [{
    attachment: 0,
    source: ipv4(10, 0, 0, 1),
    destination: ipv4(10, 0, 0, 2),
    protocol: 6,
    ports: [40_000, 443],
    role: 1,
    counts: [1, 100, 1, 0],
  }], { others: [2, 300] });
}

async function lines(
  everySeconds: number,
  send: (text: string) => Promise<void>,
  sampleRate = 1,
) {
  const plan = { type: "live", filter: createFilterCell() } as const;
  const view = new LinesView(plan, { everySeconds, limit: 1, sampleRate }, send);
  const counts = countsOf({ seen: 12, captured: 9 });
  const snapshot = () => ({ elapsedMs: 0, counts, rowsWritten: 0, fileBytes: 0, topSenders: [] });
  await view.open({ snapshot }, PLACES);
  return view;
}

Deno.test("LinesView prints an object at each multiple of the interval, and the rest at the end", async () => {
  const texts: string[] = [];
  const view = await lines(5, (text) => Promise.resolve(void texts.push(text)));
  // The first one ends early: intervals begin at whole multiples.
  for (let at = 0; at < 9; at++) {
    view.onSecond(onePacket(FIRST_SECOND + at));
    await Promise.resolve();
    await new Promise((resume) => setTimeout(resume));
  }
  await view.finish();
  const objects = texts.map((text) => JSON.parse(text));
  assert.deepEqual(objects.map(({ from, to }) => [from, to]), [
    ["2026-11-23T13:54:02Z", "2026-11-23T13:54:05Z"],
    ["2026-11-23T13:54:05Z", "2026-11-23T13:54:10Z"],
    ["2026-11-23T13:54:10Z", "2026-11-23T13:54:11Z"],
  ]);
  assert.deepEqual(objects.map((one) => one.packets_in), [9, 15, 3]);
  assert.deepEqual(objects[1].conversations, [{
    client: "10.0.0.1",
    server: "10.0.0.2",
    server_port: 443,
    protocol: "TCP",
    packets_to_server: 5,
    bytes_to_server: 500,
    packets_to_client: 0,
    bytes_to_client: 0,
    segments_again: 5,
    refused: 0,
  }]);
  assert.deepEqual(objects[1].others, { packets: 10, bytes: 1500 });
  assert.equal(objects[1].hosts.length, 1, "more rows than the limit");
  for (const text of texts) assert.ok(text.endsWith("}\n") && !text.slice(0, -1).includes("\n"));
});

Deno.test("LinesView holds a bounded number of seconds for a reader that does not read, and says so", async () => {
  const texts: string[] = [];
  let read = () => {};
  const view = await lines(1, (text) => {
    texts.push(text);
    return new Promise((resolve) => read = resolve);
  });
  for (let at = 0; at < 200; at++) view.onSecond(onePacket(FIRST_SECOND + at));
  read();
  const finished = view.finish();
  await new Promise((resume) => setTimeout(resume));
  read();
  await finished;
  const [first, rest] = texts.map((text) => JSON.parse(text));
  assert.equal(texts.length, 2);
  assert.equal(first.packets_in, 3);
  assert.equal(rest.seconds_left_out + rest.packets_in / 3, 199);
  assert.ok(rest.packets_in / 3 < 130, `${rest.packets_in / 3} seconds waited`);
});

Deno.test("LinesView writes one object after the other, and tells once what it left out", async () => {
  const texts: string[] = [];
  let read = () => {};
  const view = await lines(1, (text) => {
    texts.push(text);
    return new Promise((resolve) => read = resolve);
  });
  const isRead = async () => {
    read();
    await new Promise((resume) => setTimeout(resume));
  };
  let at = 0;
  const pass = (seconds: number) => {
    for (let count = 0; count < seconds; count++) view.onSecond(onePacket(FIRST_SECOND + at++));
  };
  // One is written, 121 wait, and 3 have no room.
  pass(1 + 121 + 3);
  assert.equal(texts.length, 1);
  await isRead();
  pass(1);
  assert.equal(texts.length, 2);
  pass(1);
  let isFinished = false;
  const finishing = view.finish().then(() => isFinished = true);
  await new Promise((resume) => setTimeout(resume));
  assert.deepEqual([texts.length, isFinished], [2, false]);
  await isRead();
  assert.deepEqual([texts.length, isFinished], [3, false]);
  await isRead();
  await finishing;
  const objects = texts.map((text) => JSON.parse(text));
  assert.deepEqual(objects.map((one) => [one.packets_in / 3, one.seconds_left_out]), [
    [1, 0],
    [122, 3],
    [1, 0],
  ]);
});

Deno.test("LinesView waits for an hour where an interval is one, and for a minute where a reader was slow", async () => {
  const texts: string[] = [];
  const hourly = await lines(3600, (text) => Promise.resolve(void texts.push(text)));
  const start = FIRST_SECOND - FIRST_SECOND % 3600;
  for (let at = 0; at < 3599; at++) hourly.onSecond(onePacket(start + at));
  assert.equal(texts.length, 0);
  hourly.onSecond(onePacket(start + 3599));
  assert.equal(JSON.parse(texts[0]!).packets_in, 3 * 3600);
  // The reader comes back within an interval: what waits is told once it is a minute.
  const late: string[] = [];
  let read = () => {};
  const slow = await lines(7, (text) => {
    late.push(text);
    return new Promise((resolve) => read = resolve);
  });
  const first = FIRST_SECOND - FIRST_SECOND % 7;
  for (let at = 0; at < 7 + 59; at++) slow.onSecond(onePacket(first + at));
  assert.equal(late.length, 1);
  read();
  await new Promise((resume) => setTimeout(resume));
  slow.onSecond(onePacket(first + 66));
  assert.equal(late.length, 2);
  assert.equal(JSON.parse(late[1]!).packets_in, 3 * 60);
});

Deno.test("LinesView ends when nobody reads any more", async () => {
  const view = await lines(1, () => Promise.reject(new BrokenPipe()));
  view.onSecond(onePacket(FIRST_SECOND));
  await assert.rejects(view.ended, BrokenPipe);
});

Deno.test("LinesView scales a sample up, and does not tell what it cannot know", async () => {
  const texts: string[] = [];
  const view = await lines(1, (text) => Promise.resolve(void texts.push(text)), 10);
  view.onSecond(onePacket(FIRST_SECOND));
  await view.finish();
  const object = JSON.parse(texts[0]!);
  assert.equal(object.packets_in, 30);
  assert.deepEqual(object.others, { packets: 20, bytes: 3000 });
  assert.equal(object.conversations[0].bytes_to_server, 1000);
  assert.equal(object.conversations[0].segments_again, null);
});
