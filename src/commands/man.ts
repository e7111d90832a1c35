/**
 * The `man` command: the manual page.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { EXIT } from "../core/errors.ts";
import { writeStdout } from "../core/standard_streams.ts";

/** The command. */
export const man = defineCommand({
  name: "man",
  summary: "print the manual page",
  description: ["Prints the manual page, for man and groff."],
  flags: {},
  examples: [
    { line: "xdp-inspector man | man -l -", help: "read it" },
    {
      line: "xdp-inspector man > /usr/local/share/man/man1/xdp-inspector.1",
      help: "install it, as root",
    },
  ],
  rights: "none",
  options: () => null,
  async run(_, { commands, stdout }) {
    const { manPage } = await import("../cli/man_page.ts");
    writeStdout(manPage(await commands()), stdout);
    return EXIT.DONE;
  },
});
