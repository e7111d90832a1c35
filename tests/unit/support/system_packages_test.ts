import { deepEqual, equal, ok } from "node:assert/strict";
import {
  findCommand,
  missingPackages,
  MissingPackagesError,
  type NeedName,
  NEEDS,
  TEST_NEEDS,
} from "../../support/system_packages.ts";

Deno.test("findCommand() finds a command without PATH, and null for one that is not there", () => {
  equal(findCommand("sh")?.endsWith("/sh"), true);
  equal(findCommand("xdp-inspector-no-such-command"), null);
});

Deno.test("missingPackages() names each package once", () => {
  const needs = NEEDS as Record<string, { command: string; package: string }>;
  needs.one = needs.two = { command: "xdp-inspector-no-such-command", package: "some-package" };
  try {
    deepEqual(missingPackages(["one", "two"] as unknown as NeedName[]), ["some-package"]);
  } finally {
    delete needs.one;
    delete needs.two;
  }
});

Deno.test("MissingPackagesError says in one line how to install", () => {
  const { message } = new MissingPackagesError(["tshark", "tcpdump"], "not root");
  equal(
    message,
    'Missing system packages: tshark tcpdump (not root): run "apt-get install tshark tcpdump" as root',
  );
});

Deno.test("TEST_NEEDS holds every need that the tests can ask for", () => {
  for (const name of Object.keys(NEEDS)) ok(TEST_NEEDS.includes(name as NeedName), name);
});
