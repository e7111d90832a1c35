/**
 * Screens of a live view from fixed input: traffic of 50 seconds, as the writing thread tells it, and keys.
 *
 * @module
 */
import { LiveState } from "../../src/commands/live/live_state.ts";
import type { KnownAttachment } from "../../src/contract/attachment.ts";
import {
  COUNTS_PER_FLOW,
  FLOW_META,
  KEY_WORDS,
  type LiveSecond,
} from "../../src/contract/live_second.ts";
import { LiveHistory } from "../../src/render/live/live_history.ts";
import { renderScreen, roomForRows, type ScreenLook } from "../../src/render/live/live_screen.ts";

/** Begins at no multiple of the steps of a sparkline. */
export const FIRST_SECOND = 1_795_442_042;

export const PLACES: readonly KnownAttachment[] = [
  { attachment: 0, interface: "eth0", direction: "ingress" },
  { attachment: 1, interface: "eth0", direction: "egress" },
  { attachment: 2, interface: "w\x1b[31mg0", direction: "ingress" },
];

/** One flow of a second. */
export interface FlowOfSecond {
  readonly attachment: number;
  /** Words of the addresses: one of IPv4, four of IPv6; none = not IP. */
  readonly source: readonly number[];
  readonly destination: readonly number[];
  readonly protocol?: number;
  /** Source and destination. */
  readonly ports?: readonly [number, number];
  readonly ethertype?: number;
  readonly role?: number;
  /** Packets, bytes, sent again, refused. */
  readonly counts: readonly [number, number, number, number];
}

/** A second as the writing thread tells it. */
export function secondOf(
  second: number,
  flows: readonly FlowOfSecond[],
  { others = [0, 0], filterVersion = 0 }: {
    readonly others?: readonly [number, number];
    readonly filterVersion?: number;
  } = {},
): LiveSecond {
  const keys = new Uint32Array(flows.length * KEY_WORDS);
  const counts = new Float64Array(flows.length * COUNTS_PER_FLOW);
  const totals = new Float64Array(2 * PLACES.length);
  flows.forEach((flow, index) => {
    const key = index * KEY_WORDS;
    const isIp = flow.source.length > 0;
    keys.set(flow.source, key);
    keys.set(flow.destination, key + 4);
    keys[key + 8] = flow.ports === undefined
      ? flow.ethertype ?? 0
      : flow.ports[0] + flow.ports[1] * 65_536;
    keys[key + 9] = flow.attachment + 256 * (flow.protocol ?? 0) +
      (isIp ? flow.source.length > 1 ? FLOW_META.isV6 : FLOW_META.isV4 : 0) +
      (flow.ports === undefined ? 0 : FLOW_META.hasPorts);
    counts.set(flow.counts, index * COUNTS_PER_FLOW);
    totals[2 * flow.attachment]! += flow.counts[0];
    totals[2 * flow.attachment + 1]! += flow.counts[1];
  });
  totals[0]! += others[0];
  totals[1]! += others[1];
  const roles = Uint8Array.from(flows, ({ role = 0 }) => role);
  const numbers = Uint32Array.from(flows, (_, index) => numberOf(keys, index));
  return {
    second,
    filterVersion,
    flows: numbers,
    numbering: 0,
    keys,
    counts,
    roles,
    totals,
    others,
  };
}

const NUMBERS = new Map<string, number>();

/** The same flow always has the same number. */
function numberOf(keys: Uint32Array, index: number): number {
  const key = keys.subarray(index * KEY_WORDS, (index + 1) * KEY_WORDS).join();
  const number = NUMBERS.get(key) ?? NUMBERS.size;
  NUMBERS.set(key, number);
  return number;
}

/** An IPv4 address as it lies in memory. */
export function ipv4(...bytes: readonly [number, number, number, number]): number[] {
  return [(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24) >>> 0];
}

const HERE = ipv4(10, 0, 0, 1);
const V6_HERE = [0xb80d0120, 0, 0, 0x01000000];
const V6_THERE = [0xb80d0120, 0x00000100, 0, 0x35000000];

/** What passes in second `at` of the fixture. */
function flowsAt(at: number): FlowOfSecond[] {
  const wave = 1 + Math.abs(at % 20 - 10);
  const web = { protocol: 6, role: 1 } as const;
  const flows: FlowOfSecond[] = [
    {
      ...web,
      attachment: 1,
      source: HERE,
      destination: ipv4(192, 0, 2, 80),
      ports: [50_000, 443],
      counts: [40 * wave, 2_600 * wave, 0, 0],
    },
    {
      ...web,
      role: 2,
      attachment: 0,
      source: ipv4(192, 0, 2, 80),
      destination: HERE,
      ports: [443, 50_000],
      counts: [90 * wave, 130_000 * wave, at % 5 === 0 ? 1 : 0, 0],
    },
    // Its ports say the contrary of its SYN.
    {
      ...web,
      attachment: 0,
      source: ipv4(198, 51, 100, 7),
      destination: HERE,
      ports: [22, 40_022],
      counts: [3, 222, 0, 0],
    },
    {
      attachment: 0,
      source: V6_HERE,
      destination: V6_THERE,
      protocol: 17,
      ports: [40_000, 53],
      counts: [2, 180, 0, 0],
    },
    {
      attachment: 1,
      source: V6_THERE,
      destination: V6_HERE,
      protocol: 17,
      ports: [53, 40_000],
      counts: [2, 700, 0, 0],
    },
    { attachment: 2, source: [], destination: [], ethertype: 0x0806, counts: [1, 42, 0, 0] },
  ];
  if (at < 45) {
    for (let host = 1; host <= 20; host++) {
      flows.push({
        attachment: 0,
        source: ipv4(10, 0, 1, host),
        destination: HERE,
        protocol: 1,
        counts: [1, 98 + host, 0, 0],
      });
    }
  }
  if (at === 30) {
    flows.push({
      attachment: 1,
      source: HERE,
      destination: ipv4(203, 0, 113, 9),
      protocol: 6,
      role: 2,
      ports: [8080, 1024],
      counts: [12, 648, 0, 12],
    });
  }
  return flows;
}

/** One screen, with what was pressed before. */
interface ScreenCase {
  readonly name: string;
  readonly look: Omit<ScreenLook, "colour">;
  readonly keys?: readonly string[];
  readonly colour?: boolean;
  readonly seconds?: number;
  readonly sampleRate?: number;
}

const NORMAL = { width: 80, height: 24, unicode: true } as const;
const SMALL = { width: 60, height: 15, unicode: true } as const;

const CASES: readonly ScreenCase[] = [
  { name: "80x24", look: NORMAL },
  { name: "60x15", look: SMALL },
  { name: "120x30", look: { width: 120, height: 30, unicode: true } },
  { name: "20x6", look: { width: 20, height: 6, unicode: true } },
  { name: "80x24.ascii", look: { ...NORMAL, unicode: false } },
  { name: "80x24.colour", look: NORMAL, colour: true },
  { name: "80x24.hosts", look: NORMAL, keys: ["2", "u"] },
  { name: "60x15.hosts.end", look: SMALL, keys: ["2", "end"] },
  { name: "80x24.ports.by-name", look: NORMAL, keys: ["3", "s", "s"] },
  { name: "80x24.protocols", look: NORMAL, keys: ["4"] },
  { name: "60x15.interfaces", look: SMALL, keys: ["back-tab"] },
  { name: "80x24.help", look: NORMAL, keys: ["?"] },
  { name: "60x15.help", look: SMALL, keys: ["h"] },
  { name: "60x15.refused-filter", look: SMALL, keys: ["/", ..."tcp prot 80", "enter"] },
  { name: "80x24.narrowed", look: NORMAL, keys: ["enter"] },
  { name: "80x24.paused", look: NORMAL, keys: ["p", "j"] },
  { name: "80x24.no-key", look: NORMAL, keys: ["x"] },
  { name: "80x24.start", look: NORMAL, seconds: 1 },
  { name: "80x24.sampled", look: NORMAL, sampleRate: 10 },
];

/** Every screen as a text. */
export function liveScreens(): { readonly file: string; readonly text: string }[] {
  return CASES.map((one) => ({ file: `live.${one.name}.txt`, text: screenText(one) }));
}

function screenText(one: ScreenCase): string {
  const { look, keys = [], colour = false, seconds = 50, sampleRate = 1 } = one;
  const state = new LiveState(new LiveHistory(PLACES, sampleRate), {
    setFilter: () => 2,
    quit: () => {},
  });
  for (let at = 0; at < seconds; at++) {
    const others: [number, number] = at === 49 ? [1234, 98_765] : [0, 0];
    state.add(secondOf(FIRST_SECOND + at, flowsAt(at), { others }));
  }
  for (const key of keys) state.press(key, roomForRows(look.height));
  const picture = state.picture({
    interfaces: ["eth0", "w\x1b[31mg0"],
    elapsedMs: 50_700,
    loss: { wanted: 100_000, lost: one.name.includes("60x15") ? 1234 : 0 },
    sampleRate,
    file: one.name.includes("120") ? { path: "a.parquet", bytes: 12_345_678 } : null,
    captureFilter: one.name.includes("sampled") ? "not arp" : "",
  }, roomForRows(look.height));
  return renderScreen(picture, { ...look, colour }).map((line) => `${line}\n`).join("");
}
