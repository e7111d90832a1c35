/** What is claimed, made and removed for a clsact filter: a kernel of the test's own, no privilege. */
import assert from "node:assert/strict";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { attribute, textAttribute } from "../../../ffi/netlink/netlink.ts";
import { FILTER_HANDLE, removeLeftoverFilters, TcFilter } from "../../../ffi/bpf/tc_filter.ts";
import { replaceNative } from "../../support/native_stand_ins.ts";
import { answerNetlink, netlinkDone, netlinkMessage } from "../../support/netlink_answers.ts";
import { StandInKernel } from "../../support/stand_in_kernel.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const EEXIST = 17;
const EINVAL = 22;
const O_CLOEXEC = 0o2000000;

/** No interface of this machine. */
const IFINDEX = 2_000_000_001;

function attach(): TcFilter {
  return TcFilter.attach(1_500_000, IFINDEX, "ingress");
}

Deno.test("TcFilter.attach() claims its filter in a way that no child process inherits", () => {
  using _kernel = new StandInKernel();
  const { openat, socket } = libc();
  const flags: string[] = [];
  const note = (fd: number) => {
    if (fd >= 0) flags.push(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`));
    return fd;
  };
  // A file that takes privilege to open; where it cannot be opened, a socket.
  using _claims = replaceNative(libc(), {
    openat: (...values: Parameters<typeof openat>) => note(openat(...values)),
    socket: (...values: Parameters<typeof socket>) => {
      const AF_UNIX = 1;
      return values[0] === AF_UNIX ? note(socket(...values)) : socket(...values);
    },
  });
  attach()[Symbol.dispose]();
  assert.equal(flags.length, 1);
  const octal = /^flags:\s*([0-7]+)$/m.exec(flags[0]!)![1]!;
  assert.notEqual(parseInt(octal, 8) & O_CLOEXEC, 0, octal);
});

Deno.test("TcFilter.attach() leaves neither qdisc nor claim behind when the filter is refused", () => {
  using kernel = new StandInKernel();
  kernel.tcAttach = -EINVAL;
  for (let attempt = 0; attempt < 2; attempt++) {
    kernel.log.length = 0;
    assert.throws(attach, { name: "SystemError", code: "EINVAL" });
    assert.deepEqual(kernel.log, ["make qdisc", "remove qdisc"]);
  }
  kernel.tcAttach = 0;
  attach()[Symbol.dispose]();
});

Deno.test("TcFilter.attach() leaves another's qdisc alone when the filter is refused", () => {
  using kernel = new StandInKernel();
  kernel.qdiscCreate = -EEXIST;
  kernel.tcAttach = -EINVAL;
  assert.throws(attach, { name: "SystemError", code: "EINVAL" });
  assert.deepEqual(kernel.log, []);
});

Deno.test("TcFilter.attach() refuses what this process has already, and leaves it in place", () => {
  using kernel = new StandInKernel();
  const filter = attach();
  assert.throws(attach, { name: "SystemError", code: "EADDRINUSE" });
  assert.equal(filter.isAttached(), true);
  filter[Symbol.dispose]();
  assert.deepEqual(kernel.log, ["make qdisc", "attach clsact", "detach clsact", "remove qdisc"]);
});

interface Filter {
  readonly handle: number;
  readonly priority: number;
  readonly kind: string;
  readonly name: string;
}

const OURS: Filter = {
  handle: FILTER_HANDLE.foreignQdisc,
  priority: 7,
  kind: "bpf",
  name: "inspect_tc_ingr:[12]",
};

/** Payload of an RTM_NEWTFILTER message: rtnetlink(7), `include/uapi/linux/pkt_cls.h`. */
function filterPayload({ handle, priority, kind, name }: Filter): Uint8Array {
  const head = new Uint32Array([0, IFINDEX, handle, 0xfffffff2, (priority << 16) | 0x0300]);
  const options = attribute(2, textAttribute(7, name));
  return new Uint8Array([...new Uint8Array(head.buffer), ...textAttribute(1, kind), ...options]);
}

/** How many of `filters`, which hang at ingress, are taken for ours and removed. */
function removed(filters: readonly Filter[]): number {
  using kernel = new StandInKernel();
  const PARENT_INGRESS = 0xfffffff2;
  using _answers = answerNetlink(({ sequence, payload }) => {
    const isIngress = new DataView(payload.buffer).getUint32(12, true) === PARENT_INGRESS;
    const list = isIngress ? filters : [];
    return [
      ...list.map((filter) => netlinkMessage(44, sequence, filterPayload(filter))),
      netlinkDone(sequence),
    ];
  });
  const count = removeLeftoverFilters(IFINDEX, ["inspect_tc_ingress", "inspect_tc_egress"]);
  assert.equal(kernel.log.filter((action) => action === "detach clsact").length, count);
  return count;
}

Deno.test("removeLeftoverFilters() removes a filter of ours, on whosever qdisc", () => {
  assert.equal(removed([OURS]), 1);
  assert.equal(removed([OURS, { ...OURS, handle: FILTER_HANDLE.ownQdisc }]), 2);
});

for (
  const [what, foreign] of [
    ["program", { name: "cil_from_netdev:[12]" }],
    ["longer name", { name: "inspect_tc_ingress_of_another:[12]" }],
    ["priority", { priority: 1 }],
    ["kind", { kind: "flower" }],
    ["handle", { handle: 1 }],
  ] as const
) {
  Deno.test(`removeLeftoverFilters() leaves a filter with another ${what} alone`, () => {
    assert.equal(removed([{ ...OURS, ...foreign }]), 0);
  });
}
