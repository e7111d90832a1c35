/** What a screen is made of, and when it is drawn; how it looks is in `tests/golden/cli/live.*`. */
import assert from "node:assert/strict";
import { ScreenView, type ShownTerminal } from "../../../../src/commands/live/screen_view.ts";
import { createFilterCell, readFilter } from "../../../../src/sinks/live/filter_cell.ts";
import { within } from "../../../support/deadline.ts";
import { countsOf } from "../../../support/fake_counts.ts";
import { FakeIntervals } from "../../../support/fake_intervals.ts";
import { FIRST_SECOND, ipv4, PLACES, secondOf } from "../../../support/live_screens.ts";

const LIMIT_MS = 20_000;

/** A terminal of the test: what is drawn on it, and its keys. */
class Screen implements ShownTerminal {
  readonly drawn: (readonly string[])[] = [];
  press: (key: string) => void = () => {};
  resize: () => void = () => {};
  isOpen = false;
  rows = 12;

  open(onKey: (key: string) => void, onResize: () => void): Promise<void> {
    [this.press, this.resize, this.isOpen] = [onKey, onResize, true];
    return Promise.resolve();
  }

  size() {
    return { columns: 80, rows: this.rows };
  }

  draw(lines: readonly string[]): void {
    this.drawn.push(lines);
  }

  /** What is on it now. */
  get text(): string {
    return this.drawn.at(-1)!.join("\n");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }
}

/** A second in which `hosts` hosts send a packet each. */
function second(at: number, hosts: number) {
  return secondOf(
    FIRST_SECOND + at,
    Array.from({ length: hosts }, (_, index) => ({
      attachment: 0,
      source: ipv4(10, 0, 0, index + 1),
      destination: ipv4(10, 0, 9, 9),
      protocol: 17,
      ports: [53, 40_000] as const,
      counts: [1, 1000 * (index + 1), 0, 0] as const,
    })),
  );
}

function view(file: string | null = null, filter = "", sampleRate = 1) {
  const screen = new Screen();
  const plan = { type: "live", filter: createFilterCell() } as const;
  const look = { colour: false, unicode: true };
  const view = new ScreenView(plan, { everyMs: 2000, sampleRate, file, filter, look }, screen);
  const counts = countsOf({ seen: 1100, captured: 800, filtered: 100, ringFull: 200 });
  const snapshot = () => ({
    ...{ elapsedMs: 50_700, counts, rowsWritten: 0, fileBytes: 12_345_678, topSenders: [] },
  });
  return { screen, plan, view, open: () => view.open({ snapshot }, PLACES) };
}

Deno.test("ScreenView draws at once, after each key, at each interval and in each size, until it is closed", async () => {
  using intervals = FakeIntervals.install();
  const { screen, view: shown, open } = view();
  {
    await using _open = await open();
    assert.deepEqual([screen.isOpen, screen.drawn.length, intervals.running], [true, 1, [2000]]);
    for (let at = 0; at < 2; at++) shown.onSecond(second(at, 3));
    assert.equal(screen.drawn.length, 1);
    intervals.pass();
    assert.match(screen.text, /^3 conversations /m);
    screen.press("2");
    assert.match(screen.text, /^4 hosts /m);
    screen.rows = 9;
    screen.resize();
    assert.deepEqual(screen.drawn.map(({ length }) => length), [12, 12, 12, 9]);
    // Two rows have room: so many a page is.
    screen.press("page-down");
    assert.match(screen.text, /^\*10\.0\.0\.2 /m);
  }
  assert.deepEqual([screen.isOpen, intervals.running], [false, []]);
  await shown.finish();
});

Deno.test("ScreenView shows what came before it was open", async () => {
  using _intervals = FakeIntervals.install();
  const { screen, view: shown, open } = view();
  for (let at = 0; at < 3; at++) shown.onSecond(second(at, 2));
  await using _open = await open();
  assert.match(screen.text, /^2 conversations /m);
});

Deno.test("ScreenView tells of interfaces, time, loss, file, filter and sample", async () => {
  using _intervals = FakeIntervals.install();
  const { screen, open } = view("a.parquet", "not arp", 10);
  await using _open = await open();
  const [title, , , filter] = screen.drawn[0]!;
  assert.equal(
    title,
    "eth0, w\\x1b[31mg0  50.0 s  lost 200 (20 %)  scaled up by 10  file 12.3 MB",
  );
  assert.equal(filter, "only not arp");
  const { screen: other, open: openOther } = view();
  await using _other = await openOther();
  assert.ok(other.drawn[0]![0]!.endsWith("  lost 200 (20 %)"), other.drawn[0]![0]);
  assert.equal(other.drawn[0]![3], "all packets");
});

Deno.test("ScreenView asks the capture for the filter that is chosen, and ends on q", async () => {
  using _intervals = FakeIntervals.install();
  const { screen, plan, view: shown, open } = view();
  await using _open = await open();
  for (const key of ["/", ..."port 80", "enter"]) screen.press(key);
  assert.equal(readFilter(plan.filter)?.text, "port 80");
  assert.equal(screen.drawn.at(-1)![3], "only port 80");
  screen.press("q");
  await within("the end of the view", LIMIT_MS, shown.ended);
});
