import assert from "node:assert/strict";
import {
  InterfaceEventList,
  interfaceGaps,
  MAX_INTERFACE_EVENTS,
} from "../../../src/contract/interface_event.ts";
import {
  joinedEvents,
  type RecordedEvent,
  recordedEvents,
} from "../../../src/query/interface_events.ts";
import { recordingSpan } from "../../../src/query/recording_span.ts";

const KEY = "xdp_inspector.interface_events";
const LEFT_OUT = "xdp_inspector.interface_events_left_out";

function happened(second: number, event: string, name = "eth0"): RecordedEvent {
  const time = `2026-11-23T13:54:${String(second).padStart(2, "0")}.000000000Z`;
  return { time, interface: name, event, detail: "" };
}

function file(events: readonly unknown[], more: Record<string, string> = {}) {
  return new Map([[KEY, JSON.stringify(events)], ...Object.entries(more)]);
}

Deno.test("recordedEvents() takes what the recorder writes, and nothing else", () => {
  const event = happened(1, "down");
  const others = [
    null,
    7,
    { ...event, time: "yesterday" },
    { ...event, interface: 1 },
    { ...event, detail: "\0" },
    { ...event, event: undefined },
  ];
  assert.deepEqual(recordedEvents(file([event, ...others])), [event]);
  assert.deepEqual(recordedEvents(new Map()), []);
  assert.deepEqual(recordedEvents(new Map([[KEY, "{"]])), []);
  assert.deepEqual(recordedEvents(new Map([[KEY, `{"a":1}`]])), []);
  assert.deepEqual(recordedEvents(new Map([[KEY, `[${" ".repeat(2 ** 23)}]`]])), []);
});

Deno.test("joinedEvents() puts those of several files in order, and counts what is too much", () => {
  const one = file([happened(5, "up")]);
  const other = file([happened(3, "down"), happened(4, "up", "eth1")], { [LEFT_OUT]: "7" });
  const joined = joinedEvents([one, other], (event) => event.interface === "eth0");
  assert.deepEqual(joined, {
    [KEY]: JSON.stringify([happened(3, "down"), happened(5, "up")]),
    [LEFT_OUT]: "7",
  });
  assert.deepEqual(joinedEvents([new Map()], () => true), {});
  const many = file(Array(MAX_INTERFACE_EVENTS).fill(happened(1, "up")));
  const all = joinedEvents([many, one], () => true);
  assert.equal(JSON.parse(all[KEY]!).length, MAX_INTERFACE_EVENTS);
  assert.equal(all[LEFT_OUT], "1");
});

Deno.test("interfaceGaps() finds when an interface was not there", () => {
  const events = [
    happened(1, "came_back"),
    happened(2, "deleted"),
    happened(3, "moved", "eth1"),
    happened(4, "down", "eth2"),
    happened(5, "came_back"),
    happened(6, "came", "eth3"),
  ];
  assert.deepEqual(interfaceGaps(events), [
    { interface: "eth0", from: null, to: events[0]!.time },
    { interface: "eth0", from: events[1]!.time, to: events[4]!.time },
  ]);
});

Deno.test("recordingSpan() takes a gap for an end, in each direction", () => {
  const attachments = ["ingress", "egress"].map((direction) => {
    return { slot: 0, interface: "eth0", direction, end_reason: "stopped" };
  });
  const metadata = file([happened(2, "deleted"), happened(5, "came_back")], {
    "xdp_inspector.attachments": JSON.stringify(attachments),
  });
  const gap = {
    interface: "eth0",
    ended: happened(2, "").time,
    reason: "interface_gone",
    until: happened(5, "").time,
  };
  assert.deepEqual(recordingSpan(metadata).earlyEnds, [
    { ...gap, direction: "ingress" },
    { ...gap, direction: "egress" },
  ]);
});

Deno.test("InterfaceEventList keeps the first, counts the rest, and begins anew", () => {
  const list = new InterfaceEventList();
  const event = { time: "", interface: "eth0", event: "up", detail: "" } as const;
  for (let count = 0; count < MAX_INTERFACE_EVENTS + 3; count++) list.add(event);
  const { events, leftOut } = list.take();
  assert.deepEqual([events.length, leftOut], [MAX_INTERFACE_EVENTS, 3]);
  assert.deepEqual(list.take(), { events: [], leftOut: 0 });
});
