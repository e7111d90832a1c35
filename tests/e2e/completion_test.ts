/** Completion where the names of interfaces are chosen by somebody else. */
import { deepEqual, ok } from "node:assert/strict";
import { runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";

/** Two rounds: what is offered for the first letters, and for that again once it is inserted. */
const SCRIPT = `
source completion.bash
for current in "" '$'; do
  COMP_WORDS=(xdp-inspector record -i "$current") COMP_CWORD=3
  _xdp_inspector xdp-inspector "$current" -i
  printf '%s\\n' "\${COMPREPLY[@]}"
  echo --
done
eval "set -- \${COMPREPLY[0]}"
printf '%s\\n' "$1"
`;

Deno.test("completion in bash runs nothing that the name of an interface says", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { stdout } = await runInspector(["completion", "bash"]);
  Deno.writeTextFileSync(directory.file("completion.bash"), stdout);
  const hostile = "$(>ran)";
  await rig.b.check(["ip", "link", "set", rig.b.interface, "down"]);
  await rig.b.check(["ip", "link", "set", rig.b.interface, "name", hostile]);
  const argv = ["bash", "--norc", "-c", SCRIPT];
  const lines = (await rig.b.check(argv, { cwd: directory.path })).split("\n");
  const escaped = "\\$\\(\\>ran\\)";
  ok(lines.includes(escaped), lines.join("\n"));
  deepEqual(lines.slice(-5), ["--", escaped, "--", hostile, ""]);
  deepEqual(directory.list(), ["completion.bash"]);
});
