import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../../src/core/errors.ts";
import { defaultRouteInterface, interfaceNames } from "../../../src/core/interfaces.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

interface Machine {
  readonly interfaces?: readonly string[];
  readonly ipv4Routes?: readonly string[];
  readonly ipv6Routes?: readonly string[];
}

const TWO = ["lo", "eth0"];

const V4_HEADING =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const ANY = "0".repeat(32);

function v4Route(name: string, destination: string, flags: string, metric: number, mask: string) {
  return `${name}\t${destination}\t010200C0\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`;
}

function v6Route(destination: string, prefix: string, metric: string, flags: string, name: string) {
  return `${destination} ${prefix} ${ANY} 00 ${ANY} ${metric} 00000001 00000000 ${flags}     ${name}`;
}

/** Builds procfs of a machine in a directory. */
function build(proc: string, machine: Machine): void {
  Deno.mkdirSync(join(proc, "net"));
  const lines = (machine.interfaces ?? []).map((name) =>
    `${name.padStart(6)}: 1514  3    0 0 0 0 0 0`
  );
  const headings = ["Inter-|   Receive  |  Transmit", " face |bytes    packets |bytes  packets"];
  const write = (file: string, text: readonly string[]) =>
    Deno.writeTextFileSync(join(proc, "net", file), text.join("\n") + "\n");
  write("dev", [...headings, ...lines]);
  if (machine.ipv4Routes !== undefined) write("route", [V4_HEADING, ...machine.ipv4Routes]);
  if (machine.ipv6Routes !== undefined) write("ipv6_route", machine.ipv6Routes);
}

function withMachine(machine: Machine, body: (proc: string) => void): void {
  using directory = TempDirectory.create();
  build(directory.path, machine);
  body(directory.path);
}

function refuses(action: () => unknown, message: string, hint: string): void {
  assert.throws(action, (error) => {
    assert(error instanceof RunError);
    assert.deepEqual([error.message, error.hint], [message, hint]);
    return true;
  });
}

Deno.test("interfaceNames() lists the names in procfs", () => {
  withMachine({ interfaces: [...TWO, "veth-long-name0"] }, (proc) => {
    assert.deepEqual(interfaceNames(proc), ["lo", "eth0", "veth-long-name0"]);
  });
});

Deno.test("interfaceNames() says which file it cannot read", () => {
  assert.throws(() => interfaceNames("/no/such/proc"), {
    name: "RunError",
    message: 'Cannot list the interfaces from "/no/such/proc/net/dev": no such file or directory',
  });
});

Deno.test("defaultRouteInterface() takes the IPv4 default route with the lowest metric", () => {
  const ipv4Routes = [
    v4Route("eth1", "00000000", "0003", 200, "00000000"),
    v4Route("eth2", "00000000", "0003", 100, "00000000"),
    v4Route("eth0", "000200C0", "0001", 0, "00FFFFFF"),
  ];
  withMachine(
    { ipv4Routes, ipv6Routes: [v6Route(ANY, "00", "00000001", "00000003", "eth3")] },
    (proc) => {
      assert.equal(defaultRouteInterface(proc), "eth2");
    },
  );
});

Deno.test("defaultRouteInterface() does not take half of the address space for a default route", () => {
  const ipv4Routes = [
    v4Route("tun0", "00000000", "0003", 0, "00000080"),
    v4Route("eth0", "00000000", "0003", 100, "00000000"),
  ];
  withMachine({ ipv4Routes }, (proc) => assert.equal(defaultRouteInterface(proc), "eth0"));
});

Deno.test("defaultRouteInterface() passes over routes that are unusable", () => {
  const ipv4Routes = [
    v4Route("*", "00000000", "0201", 0, "00000000"),
    v4Route("eth1", "00000000", "0002", 0, "00000000"),
    v4Route("eth0", "00000000", "0003", 100, "00000000"),
  ];
  withMachine({ ipv4Routes }, (proc) => assert.equal(defaultRouteInterface(proc), "eth0"));
});

Deno.test("defaultRouteInterface() takes the IPv6 default route where IPv4 has none", () => {
  const ipv6Routes = [
    v6Route("fd" + "0".repeat(30), "40", "00000100", "00000001", "eth0"),
    v6Route(ANY, "00", "00000400", "00000003", "eth1"),
    v6Route(ANY, "00", "00000100", "00000003", "eth2"),
    v6Route(ANY, "00", "ffffffff", "00200200", "lo"),
  ];
  withMachine({ ipv4Routes: [], ipv6Routes }, (proc) => {
    assert.equal(defaultRouteInterface(proc), "eth2");
  });
});

Deno.test("defaultRouteInterface() asks for -i where there is no default route", () => {
  const ipv6Routes = [v6Route(ANY, "00", "ffffffff", "00200200", "lo")];
  withMachine({ interfaces: TWO, ipv6Routes }, (proc) => {
    const message = "Cannot choose an interface: there is no default route";
    const hint = "Name one with -i; interfaces here: lo, eth0";
    refuses(() => defaultRouteInterface(proc), message, hint);
  });
});
