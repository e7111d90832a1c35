import { equal, throws } from "node:assert/strict";
import { releaseNotes } from "../../../.ci/build/release_notes.ts";

const CHANGELOG = "# Changelog\n\n## 0.2.0 (2027-01-31)\n\n### Added\n\n- New.\n\n" +
  "## 0.1.0 (unreleased)\n\n- First.\n";

Deno.test("releaseNotes() is the section of the version", () => {
  equal(releaseNotes("v0.2.0", "0.2.0", CHANGELOG), "### Added\n\n- New.");
});

Deno.test("releaseNotes() refuses a tag that is not the version", () => {
  throws(() => releaseNotes("v0.2.1", "0.2.0", CHANGELOG), /"v0\.2\.1": the version .* "0\.2\.0"$/);
  throws(() => releaseNotes("0.2.0", "0.2.0", CHANGELOG), /Cannot release "0\.2\.0"/);
});

Deno.test("releaseNotes() refuses a version without a section or a date", () => {
  throws(() => releaseNotes("v0.3.0", "0.3.0", CHANGELOG), /no section "0\.3\.0"/);
  throws(() => releaseNotes("v0.1.0", "0.1.0", CHANGELOG), /"0\.1\.0 \(unreleased\)" has no date$/);
});
