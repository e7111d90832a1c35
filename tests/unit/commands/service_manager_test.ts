import { deepEqual, equal } from "node:assert/strict";
import { NotifySocket } from "../../../ffi/mod.ts";
import { ServiceManager } from "../../../src/commands/record/service_manager.ts";
import { waitFor } from "../../support/deadline.ts";
import { NotifyListener } from "../../support/notify_listener.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("ServiceManager tells when recording begins, goes on and ends", async () => {
  using directory = TempDirectory.create();
  for (const address of [directory.file("notify"), `@xdp-inspector-test-${crypto.randomUUID()}`]) {
    using listener = new NotifyListener(address);
    {
      const environment = { NOTIFY_SOCKET: address, WATCHDOG_USEC: "20000" };
      using manager = new ServiceManager(environment);
      deepEqual(listener.heard(), []);
      manager.begin();
      await waitFor(
        "two signs of life",
        10_000,
        () => Promise.resolve(listener.heard().length >= 3),
      );
      manager.end();
    }
    const [first, ...others] = listener.heard();
    equal(first, "READY=1");
    equal(others.pop(), "STOPPING=1");
    deepEqual([...new Set(others)], ["WATCHDOG=1"]);
  }
});

Deno.test("ServiceManager says nothing where no manager asks, and no sign of life for another", async () => {
  const listen = () => {
    const said: string[] = [];
    const socket = { say: (text: string) => said.push(text), [Symbol.dispose]() {} };
    return { said, connect: () => socket as unknown as NotifySocket };
  };
  const silent = [
    { WATCHDOG_USEC: "1000" },
    ...["", "0", "-1", "x", "1e3", "10.5"].map((time) => {
      return { NOTIFY_SOCKET: "@x", WATCHDOG_USEC: time };
    }),
    { NOTIFY_SOCKET: "@x", WATCHDOG_USEC: "1000", WATCHDOG_PID: "8" },
  ];
  using resources = new DisposableStack();
  const begin = (environment: Record<string, string>) => {
    const { said, connect } = listen();
    resources.use(new ServiceManager(environment, connect, 7)).begin();
    return said;
  };
  const others = silent.map(begin);
  const own = begin({ NOTIFY_SOCKET: "@x", WATCHDOG_USEC: "1000", WATCHDOG_PID: "7" });
  await waitFor("signs of life", 10_000, () => Promise.resolve(own.length > 5));
  deepEqual(others, [[], ...silent.slice(1).map(() => ["READY=1"])]);
});

Deno.test("NotifySocket.connect() does without a manager that is not there", () => {
  for (
    const address of ["", "relative", "@", "/no/such/socket", `/${"x".repeat(200)}`, "vsock:1:2"]
  ) {
    equal(NotifySocket.connect(address), null, address);
  }
});
