/** The page of `report` and of `--format html`, in Debian's Chromium. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { PageViewer } from "../support/browser.ts";
import { runInspector } from "../support/inspector_cli.ts";
import { fixturePath } from "../support/make_fixture.ts";
import { writePageCapture } from "../support/page_capture.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const MAX_PAGE_BYTES = 1_500_000;

/** What Deno cannot see of a browser that is another process. */
const BROWSER = { sanitizeOps: false, sanitizeResources: false };

/** A table as the page has it: the values that programs get, by contract name. */
interface PageTable {
  readonly label: string;
  readonly command: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

async function succeed(args: string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runInspector(args, { cwd, limitMs: 120_000 });
  equal(code, 0, stderr);
  return stdout;
}

/** A page about two recordings, `a.parquet` and `b.parquet`. */
async function capturePage(directory: TempDirectory): Promise<string> {
  await writePageCapture(directory.file("a.parquet"), directory.file("b.parquet"));
  await succeed(["report", "a.parquet", "b.parquet", "-o", "page.html"], directory.path);
  return directory.file("page.html");
}

function tablesOf(page: Page): Promise<PageTable[]> {
  return page.evaluate(`[...document.querySelectorAll("table")].map((table) => ({
    label: table.caption.textContent,
    command: table.closest(".scroll").nextElementSibling.querySelector("code")?.textContent ?? "",
    columns: [...table.tHead.rows[0].cells].map((cell) => cell.dataset.column),
    rows: [...table.tBodies[0].rows].map((row) =>
      [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent)),
  }))`);
}

/** Seconds of the time that the first chart shows. */
function shownSeconds(page: Page): Promise<number> {
  return page.evaluate(`Number(document.querySelector("figure.chart").dataset.seconds)`);
}

type JsonRow = Record<string, string | number | null>;

function endpoint(address: unknown, port: unknown): string {
  if (address === null) return "";
  if (port === null) return String(address);
  return String(address).includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What a table of the page must hold, if `rows` are what `stats --json` prints. */
function expectedRows(rows: readonly JsonRow[], columns: readonly string[]): string[][] {
  return rows.map((row) =>
    columns.map((column) => {
      const [name = "", port] = column.split(":");
      if (port !== undefined) return endpoint(row[name], row[port]);
      return String(row[name] ?? "");
    })
  );
}

/** The rates by time, a column for each group. */
function expectedRates(rows: readonly JsonRow[], columns: readonly string[]): string[][] {
  const times = [...new Set(rows.map(({ bucket_start }) => String(bucket_start)))];
  return times.map((time) => [
    time,
    ...columns.slice(1).map((name) => {
      const row = rows.find((one) => one.bucket_start === time && one.group_name === name);
      return String(row?.bits_per_second ?? "");
    }),
  ]);
}

Deno.test({
  name: "report writes a page whose numbers are those of stats, and that says what stands out",
  ...BROWSER,
  async fn() {
    using directory = TempDirectory.create();
    const path = await capturePage(directory);
    ok(Deno.statSync(path).size < MAX_PAGE_BYTES, `${Deno.statSync(path).size} bytes`);
    equal(Deno.statSync(path).mode! & 0o777, 0o600);
    await using viewer = await PageViewer.start();
    const page = await viewer.open(path);
    const tables = await tablesOf(page);
    deepEqual(tables.map(({ command }) => command.split(" -")[0]), [
      ...["stats timeline", "stats timeline", "stats hosts", "stats conversations"],
      ...["stats ports", "stats traffic", "stats sizes", "stats tcp"],
      ...["stats connections", "stats scans", "stats interfaces", "stats loss", "stats summary"],
    ]);
    for (const { command, columns, rows, label } of tables) {
      const args = [...command.split(" "), "--json", "a.parquet", "b.parquet"];
      const answer = JSON.parse(await succeed(args, directory.path));
      const expected = command.startsWith("stats summary")
        ? rows.map(([name = ""]) => [name, String(answer[name] ?? "")])
        : command.startsWith("stats timeline")
        ? expectedRates(answer, columns)
        : expectedRows(answer, columns);
      deepEqual(rows, expected, label);
      ok(rows.length > 0, label);
    }
    const findings = await page.locator("#findings").innerText();
    match(findings, /10\.0\.0\.7 opened 498 connections to closed ports of 1 host in 9\.94 ms\./);
    match(findings, /Nothing was recorded for 59\.5 s, from 2026-11-23 13:54:30\.500 to/);
    match(findings, /lost 100 of 51,596 packets/);
    const legend = await page.locator(".legend").first().innerText();
    match(legend, /nothing was recorded/);
    match(legend, /recording lost packets/);
    deepEqual([viewer.messages, viewer.requests], [[], []]);
  },
});

Deno.test({
  name: "the page of report zooms and tells values by mouse, by keys and by buttons",
  ...BROWSER,
  async fn() {
    using directory = TempDirectory.create();
    const path = await capturePage(directory);
    await using viewer = await PageViewer.start();
    const page = await viewer.open(path);
    const plot = page.locator(".plot").first();
    const box = (await plot.locator(".u-over").boundingBox())!;
    const whole = await shownSeconds(page);
    ok(Math.abs(whole - 120) <= 2, `${whole}`);

    const middle = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.25, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 4 });
    await page.mouse.up();
    const dragged = await shownSeconds(page);
    ok(Math.abs(dragged - whole / 4) < whole / 50, `${dragged} of ${whole}`);
    const seconds: string[] = await page.evaluate(
      `[...document.querySelectorAll("figure.chart")].map((figure) => figure.dataset.seconds)`,
    );
    equal(new Set(seconds).size, 1, "both charts show the same time");
    await page.mouse.dblclick(box.x + box.width * 0.4, middle);
    equal(await shownSeconds(page), whole);
    await page.mouse.move(0, 0);

    await plot.focus();
    await page.keyboard.press("+");
    ok(Math.abs(await shownSeconds(page) - whole / 2) < 0.001);
    await page.keyboard.press("-");
    equal(await shownSeconds(page), whole);
    await page.keyboard.press("+");
    await page.keyboard.press("0");
    equal(await shownSeconds(page), whole);

    // The third bucket, and what the table says of it.
    for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowRight");
    const tip = await plot.locator(".tip").innerText();
    await page.locator("details summary").first().click();
    const cells = await page.locator("details").first().locator("tbody tr").nth(2)
      .locator("th, td").allInnerTexts();
    const [time = "", ...rates] = cells;
    ok(tip.includes(time.slice(0, 19)), `${tip} and ${time}`);
    for (const rate of rates) ok(tip.includes(rate), `${tip} lacks ${rate}`);

    await page.getByRole("button", { name: "Zoom in" }).first().click();
    ok(await shownSeconds(page) < whole * 0.51);
    const before = await page.locator(".shown").first().innerText();
    await page.getByRole("button", { name: "Later" }).first().press("Enter");
    ok(await page.locator(".shown").first().innerText() !== before);
    await page.getByRole("button", { name: "Whole time" }).first().press("Enter");
    equal(await page.locator(".shown").first().innerText(), "whole time");

    const series = page.locator(".legend button").first();
    await series.press("Space");
    equal(await series.getAttribute("aria-pressed"), "false");
    deepEqual([viewer.messages, viewer.requests], [[], []]);
  },
});

Deno.test({
  name: "tables on the page of report sort and copy by mouse and by keys",
  ...BROWSER,
  async fn() {
    using directory = TempDirectory.create();
    const path = await capturePage(directory);
    await using viewer = await PageViewer.start();
    const page = await viewer.open(path);
    const hosts = page.locator("#hosts table").first();
    const heading = hosts.locator('th[data-column="packets_sent"], th[data-column="bytes_sent"]')
      .first();
    const at: number = await heading.evaluate((cell) =>
      (cell as unknown as { cellIndex: number }).cellIndex
    );
    const values = async () => {
      const table = (await tablesOf(page)).find(({ label }) => label === "Top hosts")!;
      return table.rows.map((row) => Number(row[at]));
    };
    const ascending = (await values()).toSorted((one, other) => one - other);
    await heading.locator("button").click();
    deepEqual(await values(), ascending.toReversed());
    equal(await heading.getAttribute("aria-sort"), "descending");
    await heading.locator("button").press("Enter");
    deepEqual(await values(), ascending);
    equal(await heading.getAttribute("aria-sort"), "ascending");
    match(await page.locator("#said").innerText(), /ascending/);

    const names = hosts.locator("th[data-column=host]");
    await names.locator("button").press("Space");
    equal(await names.getAttribute("aria-sort"), "ascending");
    equal(await heading.getAttribute("aria-sort"), null);

    await page.evaluate(`Object.defineProperty(navigator, "clipboard", {
      value: { writeText: (text) => { window.copied = text; return Promise.resolve(); } },
    })`);
    await page.getByRole("button", { name: "Copy table: Top hosts" }).press("Enter");
    const copied: string = await page.evaluate("window.copied");
    const { columns, rows } = (await tablesOf(page)).find(({ label }) => label === "Top hosts")!;
    deepEqual(copied.trimEnd().split("\n").map((line) => line.split("\t")), [columns, ...rows]);
    deepEqual([viewer.messages, viewer.requests], [[], []]);
  },
});

Deno.test({
  name: "the page of report fits a phone and has no serious fault of accessibility, light and dark",
  ...BROWSER,
  async fn() {
    using directory = TempDirectory.create();
    const path = await capturePage(directory);
    await using viewer = await PageViewer.start();
    for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
      const page = await viewer.open(path, { width, scheme });
      equal(await page.evaluate("document.documentElement.scrollWidth"), width);
      for (const details of await page.locator("details").all()) {
        await details.evaluate((one) => one.setAttribute("open", ""));
      }
      await page.locator(".plot").first().focus();
      await page.keyboard.press("ArrowRight");
      await page.evaluate(`${axe.source}; 0`);
      const violations: { impact: string; id: string; nodes: { html: string }[] }[] = await page
        .evaluate("axe.run(document).then(({ violations }) => violations)");
      const serious = violations.filter(({ impact }) => impact !== "minor")
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
      deepEqual({ width, scheme, serious }, { width, scheme, serious: [] });
      await page.close();
    }
  },
});

Deno.test({
  name: "pages show hostile names as text, and run and load nothing but their own",
  ...BROWSER,
  async fn() {
    using directory = TempDirectory.create();
    const name = `<img src=x onerror=alert(1)>'"&<script>alert(2)<!--.parquet`;
    Deno.copyFileSync(fixturePath("hostile"), directory.file(name));
    await succeed(["report", "-f", name.replace(/[[*?]/g, "?"), "-o", "page.html"], directory.path);
    for (const report of ["loss", "timeline", "interfaces"]) {
      const args = ["stats", report, "-f", name, "-o", `${report}.html`];
      await succeed(args, directory.path);
    }
    await using viewer = await PageViewer.start();
    for (const file of ["page", "loss", "timeline", "interfaces"]) {
      const page = await viewer.open(directory.file(`${file}.html`));
      equal(await page.locator("img").count(), 0, file);
      // Of the page's own, in their order: nothing else is an element.
      const scripts: string[] = await page.evaluate(
        `[...document.scripts].filter(({ type }) => type === "").map(({ text }) => text.slice(0, 9))`,
      );
      for (const text of scripts) doesNotMatch(text, /alert/);
      if (file === "page" || file === "loss") {
        ok((await page.locator("body").innerText()).includes(name), file);
      }
      doesNotMatch((await page.content()).replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
      deepEqual([viewer.messages, viewer.requests], [[], []], file);
      const blocked: string[] = await page.evaluate(`(async () => {
        const blocked = [];
        addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
        await fetch("http://127.0.0.1:9/").catch(() => {});
        const script = document.createElement("script");
        script.textContent = "window.wasRun = true";
        document.body.append(script);
        const image = new Image();
        image.src = "http://127.0.0.1:9/x.png";
        for (let tries = 0; blocked.length < 3 && tries < 500; tries++) {
          await new Promise((done) => setTimeout(done, 10));
        }
        return [...blocked.sort(), String(window.wasRun)];
      })()`);
      deepEqual(blocked, ["connect-src", "img-src", "script-src-elem", "undefined"], file);
      viewer.messages.length = 0;
      viewer.requests.length = 0;
      await page.close();
    }
  },
});
