/**
 * What the facts about an interface mean for a recording. Pure.
 *
 * @module
 */
import { HOOK_NAMES } from "../attach/hook_choice.ts";
import type { CheckFinding, CheckStatus } from "../contract/check_finding.ts";
import type { InterfaceFacts, PreflightFacts } from "./facts.ts";

/** States in which no packet comes. `unknown` is what many virtual interfaces say. */
const WITHOUT_CARRIER: readonly string[] = ["not present", "down", "lower layer down", "dormant"];

/** Ways to cut large buffers behind TC: `net/ethtool/common.c`, netdev_features_strings. */
const SEGMENTATION = [
  "tx-tcp-segmentation",
  "tx-tcp6-segmentation",
  "tx-generic-segmentation",
  "tx-udp-segmentation",
] as const;

type Verdict = readonly [
  check: string,
  status: CheckStatus,
  message: string,
  fix?: string | undefined,
];

/** The findings about one interface; only one if it cannot be recorded. */
export function judgeInterface(
  { wanted, facts }: PreflightFacts["interfaces"][number],
): CheckFinding[] {
  const name = facts.result === "done" ? facts.value.name : wanted || null;
  return verdicts(facts).map(([check, status, message, fix = null]) => ({
    check,
    interface: name,
    status,
    message,
    fix,
  }));
}

function verdicts(probe: PreflightFacts["interfaces"][number]["facts"]): Verdict[] {
  switch (probe.result) {
    case "failed":
      return [["interface", "fail", probe.reason, probe.hint]];
    case "skipped":
      return [["interface", "warn", `not tried: ${probe.reason}`]];
    case "done": {
      const facts = probe.value;
      return [
        judgeState(facts),
        ...(facts.bare ? [] : [judgeNativeXdp(facts)]),
        judgeIngressHook(facts),
        ...(facts.bare ? [] : [judgeXdpHook(facts)]),
        judgeEgressHook(facts),
        ...judgeOffloads(facts),
      ];
    }
  }
}

function judgeState({ state, mtu, driver }: InterfaceFacts): Verdict {
  const about = `MTU ${mtu}, ${driver === null ? "no driver" : `driver ${driver}`}`;
  return WITHOUT_CARRIER.includes(state)
    ? [
      "interface",
      "warn",
      `up, but its state is "${state}", ${about}`,
      "See what it is connected to",
    ]
    : ["interface", "ok", `up, ${about}`];
}

function judgeNativeXdp({ nativeXdp }: InterfaceFacts): Verdict {
  if (nativeXdp === null) {
    return ["native_xdp", "warn", "this kernel does not tell (before Linux 6.3); record will"];
  }
  return nativeXdp ? ["native_xdp", "ok", "the driver has it"] : [
    "native_xdp",
    "warn",
    "the driver has none: what comes in is seen later, at more cost",
    "Record the interface below it, if it has one, where speed counts",
  ];
}

function judgeIngressHook({ expected: { kind, reason } }: InterfaceFacts): Verdict {
  return ["ingress_hook", "ok", `record takes ${HOOK_NAMES[kind]}: ${reason}`];
}

function judgeXdpHook({ name, xdp }: InterfaceFacts): Verdict {
  if (xdp === null) return ["xdp_hook", "ok", "no XDP program is attached"];
  return [
    "xdp_hook",
    "fail",
    `another XDP program is attached (program id ${xdp.programId}, ${xdp.mode} mode)`,
    `Record with "--mode tc", or see who owns it with "bpftool net show dev ${name}"`,
  ];
}

function judgeEgressHook({ name, egressPrograms: ids }: InterfaceFacts): Verdict {
  if (ids.length === 0) return ["egress_hook", "ok", "no TC program is attached"];
  return [
    "egress_hook",
    "warn",
    `TC programs run before ours (program id ${ids.join(", ")}): what they drop is not seen`,
    `See who owns them with "bpftool net show dev ${name}"`,
  ];
}

function judgeOffloads(facts: InterfaceFacts): Verdict[] {
  const { name, features, expected } = facts;
  if (features === null) return [["offloads", "warn", "the kernel does not tell which are on"]];
  const isOn = (feature: string) => features.get(feature) === true;
  const off = (feature: string) => `Switch it off with "ethtool -K ${name} ${feature} off"`;
  const verdicts: Verdict[] = [];

  verdicts.push(
    isOn("rx-lro")
      ? ["lro", "warn", "on: the card merges packets, and native XDP is not taken", off("lro")]
      : ["lro", "ok", "off"],
  );
  if (!isOn("rx-gro") && !isOn("rx-gro-hw")) verdicts.push(["gro", "ok", "off"]);
  else if (expected.kind === "generic") {
    verdicts.push(["gro", "warn", "on: a row can be several packets merged", off("gro")]);
  } else {
    verdicts.push(["gro", "ok", GRO_IS_ON[expected.kind]]);
  }
  if (!facts.bare) verdicts.push(judgeRxVlan(facts, isOn("rx-vlan-hw-parse"), off("rxvlan")));
  verdicts.push(
    SEGMENTATION.some(isOn)
      ? [
        "tso_gso",
        "ok",
        'on: a row of egress can be many packets, column "segments" has the number',
      ]
      : ["tso_gso", "ok", "off"],
  );
  return verdicts;
}

/** What GRO means for the rows. */
const GRO_IS_ON = {
  native: "on: native XDP sees packets before they are merged",
  tc: 'on: a row can be several packets merged, column "segments" has the number',
} as const;

/** XDP programs see the bytes of a packet, TC programs also a tag that is kept beside them. */
function judgeRxVlan({ driver, expected }: InterfaceFacts, isOn: boolean, fix: string): Verdict {
  // drivers/net/veth.c hands over the sender's socket buffer: "rxvlan" has no effect there.
  if (driver === "veth") {
    return [
      "rx_vlan",
      "ok",
      'TC sees VLAN tags; XDP only those that the other end writes into the packet: "txvlan off" there',
    ];
  }
  if (!isOn) return ["rx_vlan", "ok", "off"];
  return expected.kind === "tc"
    ? ["rx_vlan", "ok", "on: VLAN tags are removed before XDP sees them, TC sees them"]
    : ["rx_vlan", "warn", "on: VLAN tags are removed before XDP sees them", fix];
}
