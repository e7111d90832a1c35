import { throws } from "node:assert/strict";
import { becomeLess } from "../../../src/commands/record/become_less.ts";

const DAEMON = { user: 1, group: 1 };

Deno.test("becomeLess() gives up nothing when it cannot become the user that was asked for", () => {
  const capture = {
    neededRights() {
      throw new Error("nothing may be given up");
    },
  };
  const output = { handOver: () => false };
  const user = { identity: DAEMON, owner: DAEMON, demanded: "daemon" };
  throws(
    () => becomeLess(capture, output, user),
    /Cannot become user "daemon": the file system of the output cannot give it a directory/,
  );
});
