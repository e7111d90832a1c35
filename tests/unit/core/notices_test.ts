import assert from "node:assert/strict";
import { Notices } from "../../../src/core/notices.ts";
import { within } from "../../support/deadline.ts";

/** Takes a write only when the test lets it go, at most `limit` bytes of it. */
class SlowWriter {
  readonly written: string[] = [];
  limit = Infinity;
  #release = Promise.withResolvers<void>();

  async write(bytes: Uint8Array): Promise<number> {
    await this.#release.promise;
    const part = bytes.subarray(0, this.limit);
    this.written.push(new TextDecoder().decode(part));
    return part.length;
  }

  release(): void {
    this.#release.resolve();
  }
}

Deno.test("Notices.say() returns at once, and says all in order when it can", async () => {
  const writer = new SlowWriter();
  const notices = new Notices(writer);
  for (const text of ["one ", "two ", "three"]) notices.say(text);
  assert.deepEqual(writer.written, []);
  writer.limit = 3;
  writer.release();
  await within("the end of what is said", 20_000, notices.flush());
  assert.equal(writer.written.join(""), "one two three");
});

Deno.test("Notices.show() is dropped while something is being written, and not otherwise", async () => {
  const writer = new SlowWriter();
  const notices = new Notices(writer);
  notices.show("first second\n");
  notices.show("next second\n");
  writer.release();
  await notices.flush();
  notices.show("third second\n");
  await notices.flush();
  assert.equal(writer.written.join(""), "first second\nthird second\n");
});

Deno.test("Notices.say() keeps a bounded amount for a reader that does not read", async () => {
  const writer = new SlowWriter();
  const notices = new Notices(writer);
  const line = `${"x".repeat(99)}\n`;
  for (let count = 0; count < 10_000; count++) notices.say(line);
  writer.release();
  await notices.flush();
  assert.equal(writer.written.join("").length, Math.floor(65_536 / line.length) * line.length);
  // What was dropped does not count any more.
  notices.say("behind");
  await notices.flush();
  assert.equal(writer.written.at(-1), "behind");
});

Deno.test("Notices.say() is heard in whichever moment it comes, also when a write has just ended", async () => {
  for (let moment = 0; moment < 20; moment++) {
    const writer = new SlowWriter();
    const notices = new Notices(writer);
    notices.show("screen");
    writer.release();
    for (let turn = 0; turn < moment; turn++) await null;
    notices.say(" and the way back");
    await within("the end of what is said", 20_000, notices.flush());
    assert.equal(writer.written.join(""), "screen and the way back", `moment ${moment}`);
  }
});

Deno.test("Notices.flush() gives up after its limit", async () => {
  const writer = new SlowWriter();
  const notices = new Notices(writer);
  notices.say("never read");
  await within("the limit", 20_000, notices.flush(10));
  assert.deepEqual(writer.written, []);
  writer.release();
  await notices.flush();
});

Deno.test("Notices goes on after a failed write, and after a full non-blocking pipe", async () => {
  const faults = [new Error("No space left on device"), new Deno.errors.WouldBlock("full")];
  const written: string[] = [];
  const notices = new Notices({
    write(bytes) {
      const fault = faults.shift();
      if (fault !== undefined) return Promise.reject(fault);
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  notices.say("lost");
  await notices.flush();
  notices.say("said");
  await notices.flush();
  assert.deepEqual(written, ["said"]);
});
