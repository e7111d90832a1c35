import assert from "node:assert/strict";
import { spellings } from "../../../src/cli/flag.ts";
import { manPage } from "../../../src/cli/man_page.ts";
import { VERSION } from "../../../src/core/version.ts";
import { COMMANDS } from "../../support/commands.ts";
import { printed, refuses } from "./parsing.ts";

Deno.test("manPage() begins as a page of section 1 with the version", () => {
  assert.equal(
    manPage(COMMANDS).split("\n", 1)[0],
    `.TH XDP\\-INSPECTOR 1 "" "xdp-inspector ${VERSION}" "User Commands"`,
  );
});

Deno.test("manPage() has every command, flag and example", () => {
  const page = manPage(COMMANDS).replaceAll("\\-", "-").replaceAll("\\(aq", "'");
  for (const { name, flags, examples } of COMMANDS) {
    assert(page.includes(`\n.SS ${name}\n`), name);
    for (const spelling of Object.values(flags).flatMap(spellings)) {
      assert(page.includes(spelling), spelling);
    }
    for (const { line } of examples) assert(page.includes(`\\fB${line}\\fR`), line);
  }
});

Deno.test("manPage() leaves no text that groff would take for a request", () => {
  for (const line of manPage(COMMANDS).split("\n")) {
    if (/^[.']/.test(line)) assert.match(line, /^\.(TH|SH|SS|PP|TP|IP|br|in|nf|fi|BR)( |$)/);
    assert.doesNotMatch(line, /\\(?![fe(&-])/);
  }
});

Deno.test("man prints the page, and takes nothing else", async () => {
  assert.equal(await printed(["man"]), manPage(COMMANDS));
  refuses(["man", "record"], 'Cannot use "record": "man" takes nothing', 'Run "xdp-inspector man"');
});
