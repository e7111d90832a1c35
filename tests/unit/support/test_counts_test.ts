import { deepEqual, equal } from "node:assert/strict";
import { addCounts, NO_COUNTS, parseJunit, summaryLine } from "../../support/test_counts.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="8" failures="2" errors="0" time="0.009">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="2">
        <testcase name="says &lt;testsuite tests=&quot;9&quot;&gt;" classname="./a_test.ts">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
    </testsuite>
    <testsuite name="./b_test.ts" tests="3" disabled="0" errors="1" failures="0">
    </testsuite>
</testsuites>`;

Deno.test("parseJunit() adds up what passed, failed and was left out in each file", () => {
  deepEqual(parseJunit(REPORT), { passed: 4, failed: 3, skipped: 1 });
});

Deno.test("parseJunit() counts nothing where no test has run", () => {
  deepEqual(parseJunit('<testsuites name="deno test" tests="0"></testsuites>'), NO_COUNTS);
});

Deno.test("parseJunit() reads what deno test writes", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${directory}/a_test.ts`,
      `Deno.test('a "<b>"', async (t) => { await t.step("c", () => {}); });
       Deno.test("d", () => { throw new Error("<testsuite tests=\\"9\\">"); });
       Deno.test.ignore("e", () => {});`,
    );
    await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-config", "--junit-path=report.xml", "a_test.ts"],
      cwd: directory,
      stdin: "null",
    }).output();
    const report = await Deno.readTextFile(`${directory}/report.xml`);
    deepEqual(parseJunit(report), { passed: 2, failed: 1, skipped: 1 });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("summaryLine() names skipped tests only where there are some", () => {
  equal(summaryLine({ passed: 1, failed: 0, skipped: 0 }), "1 passed, 0 failed");
  equal(summaryLine({ passed: 0, failed: 2, skipped: 3 }), "0 passed, 2 failed, 3 skipped");
});

Deno.test("addCounts() adds each count", () => {
  deepEqual(
    addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 }),
    { passed: 11, failed: 22, skipped: 33 },
  );
});
