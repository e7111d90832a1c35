import assert from "node:assert/strict";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { NETLINK_ROUTE, NetlinkSocket } from "../../../ffi/netlink/netlink.ts";
import {
  answerNetlink,
  netlinkDone,
  netlinkError,
  netlinkMessage,
  type NetlinkRequest,
} from "../../support/netlink_answers.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

const TYPE = 18;
const NLM_F_MULTI = 0x02;
const NLM_F_DUMP_INTR = 0x10;
/** Room for one datagram: `ffi/netlink/netlink.ts`. */
const RECEIVE_BYTES = 1 << 17;

function list(): number[] {
  using socket = NetlinkSocket.open(NETLINK_ROUTE);
  return socket.list("list things", TYPE, new Uint8Array(16)).map((payload) => payload[0]!);
}

function element(sequence: number, mark: number, flags = NLM_F_MULTI): Uint8Array {
  return netlinkMessage(16, sequence, Uint8Array.of(mark, 0, 0, 0), flags);
}

function join(...messages: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(messages.flatMap((message) => [...message]));
}

Deno.test("NetlinkSocket.list() gives the elements of all datagrams up to the end", () => {
  using _answers = answerNetlink(({ sequence }) => [
    join(element(sequence, 1), element(sequence, 2)),
    element(sequence, 3),
    netlinkDone(sequence),
  ]);
  assert.deepEqual(list(), [1, 2, 3]);
});

Deno.test("NetlinkSocket.list() refuses a datagram that is larger than its room", () => {
  using _answers = answerNetlink(({ sequence }) => {
    const datagram = new Uint8Array(RECEIVE_BYTES + 20);
    // What fits is a whole element and the end.
    datagram.set(join(element(sequence, 1), netlinkDone(sequence)));
    return [datagram];
  });
  assert.throws(list, { name: "SystemError", code: "ENOSPC", operation: "list things" });
});

for (const where of ["first", "last", "end"] as const) {
  Deno.test(`NetlinkSocket.list() reads a list again that changed meanwhile (flag at the ${where})`, () => {
    const asked: NetlinkRequest[] = [];
    using _answers = answerNetlink((request) => {
      asked.push(request);
      const { sequence } = request;
      const flags = (here: string) =>
        NLM_F_MULTI | (asked.length === 1 && where === here ? NLM_F_DUMP_INTR : 0);
      return [
        join(
          element(sequence, 10 * asked.length + 1, flags("first")),
          element(sequence, 10 * asked.length + 2, flags("last")),
        ),
        netlinkDone(sequence, flags("end")),
      ];
    });
    assert.deepEqual(list(), [21, 22]);
    assert.equal(asked.length, 2);
  });
}

Deno.test("NetlinkSocket.list() gives up on a list that changes at every attempt", () => {
  let asked = 0;
  using _answers = answerNetlink(({ sequence }) => {
    asked++;
    return [join(element(sequence, 1, NLM_F_DUMP_INTR), netlinkDone(sequence))];
  });
  assert.throws(list, { name: "SystemError", code: "EINTR" });
  assert.equal(asked, 5);
});

Deno.test("NetlinkSocket.list() passes over answers to what was asked before", () => {
  using _answers = answerNetlink(({ sequence }) => [
    join(element(sequence - 1, 1), element(sequence, 2), element(sequence + 1, 3)),
    netlinkDone(sequence - 1),
    netlinkError(sequence - 1, 1),
    join(element(sequence - 1, 4, NLM_F_DUMP_INTR), element(sequence, 5)),
    netlinkDone(sequence),
  ]);
  assert.deepEqual(list(), [2, 5]);
});

Deno.test("NetlinkSocket.list() throws the error that comes in the middle of a list", () => {
  using _answers = answerNetlink(({ sequence }) => [
    element(sequence, 1),
    netlinkError(sequence, 105),
  ]);
  assert.throws(list, { name: "SystemError", code: "ENOBUFS" });
});

Deno.test("NetlinkSocket.list() numbers its questions", () => {
  const asked: number[] = [];
  using _answers = answerNetlink(({ sequence }) => {
    asked.push(sequence);
    return [netlinkDone(sequence)];
  });
  using socket = NetlinkSocket.open(NETLINK_ROUTE);
  for (let i = 0; i < 3; i++) socket.list("list things", TYPE, new Uint8Array(16));
  assert.equal(new Set(asked).size, 3);
});
