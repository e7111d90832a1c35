/** What keys do to a live view; what it looks like is in `tests/golden/cli/live.*`. */
import assert from "node:assert/strict";
import { LiveState } from "../../../../src/commands/live/live_state.ts";
import { LiveHistory } from "../../../../src/render/live/live_history.ts";
import { FIRST_SECOND, ipv4, PLACES, secondOf } from "../../../support/live_screens.ts";

const SURROUNDINGS = {
  interfaces: ["eth0"],
  elapsedMs: 0,
  loss: { wanted: 0, lost: 0 },
  sampleRate: 1,
  file: null,
  captureFilter: "",
};

function view() {
  const filters: string[] = [];
  let quits = 0;
  const state = new LiveState(new LiveHistory(PLACES), {
    setFilter: (text) => filters.push(text) * 2,
    quit: () => quits++,
  });
  let second = FIRST_SECOND;
  return {
    state,
    filters,
    quits: () => quits,
    picture: () => state.picture(SURROUNDINGS, 5),
    press: (...keys: string[]) => keys.forEach((key) => state.press(key, 5)),
    /** A second in which host 10.0.0.n sends n * `factor` bytes, of 9 hosts or as many as it is told. */
    pass: (factor = 1, filterVersion = 0, hosts = 9) =>
      state.add(secondOf(
        second++,
        Array.from({ length: hosts }, (_, index) => ({
          attachment: 0,
          source: ipv4(10, 0, 0, index + 1),
          destination: ipv4(10, 0, 9, 9),
          protocol: 17,
          ports: [53, 40_000] as const,
          counts: [1, (index + 1) * factor, 0, 0] as const,
        })),
        { filterVersion },
      )),
  };
}

Deno.test("LiveState stays on the row that was chosen when others pass it", () => {
  const { press, pass, picture } = view();
  pass();
  pass();
  press("2", "down", "down");
  const chosen = () => picture().rows[picture().selected]!.label;
  assert.equal(chosen(), "10.0.0.8");
  for (let at = 0; at < 3; at++) pass(-1 + 10 * at);
  assert.equal(chosen(), "10.0.0.8");
  press("end");
  assert.equal(picture().selected, 9);
  press("page-up", "k");
  assert.equal(picture().selected, 3);
  press("home", "up");
  assert.equal(picture().selected, 0);
});

Deno.test("LiveState narrows to a row within the filter, and goes back", () => {
  const { press, pass, picture, filters } = view();
  pass();
  pass();
  press("/", ..."udp", "enter");
  assert.deepEqual(filters, ["udp"]);
  assert.deepEqual(picture().rows, [], "rows of another filter");
  pass(1, 0);
  assert.deepEqual(picture().rows, [], "a second of another filter");
  pass(1, 2);
  pass(1, 2);
  press("2", "enter");
  assert.deepEqual(filters, ["udp", "(udp) and host 10.0.9.9"]);
  assert.equal(picture().filter, "(udp) and host 10.0.9.9");
  press("b");
  assert.equal(picture().filter, "udp");
  press("escape", "b");
  assert.equal(picture().filter, "");
  assert.match(picture().message!, /no filter before/);
  assert.deepEqual(filters.slice(2), ["udp", ""]);
});

Deno.test("LiveState takes a typed filter only if it is one", () => {
  const { press, picture, filters } = view();
  press("/", ..."prot 80", "enter");
  assert.match(picture().message!, /unknown word "prot"/);
  assert.equal(picture().prompt, "prot 80");
  press("clear", ..."pox", "backspace", ..."rt  80 ");
  assert.equal(picture().prompt, "port  80 ");
  press("enter");
  assert.equal(picture().prompt, null);
  press("/", "x", "escape");
  assert.deepEqual(filters, ["port 80"]);
  press("/", "clear", ...`host ${"1".repeat(5000)}`, "enter");
  assert.equal(picture().message, "the filter is too long");
});

Deno.test("LiveState shows nothing new while it is paused, and all of it afterwards", () => {
  const { press, pass, picture } = view();
  pass();
  pass();
  press("p");
  pass();
  pass();
  assert.equal(picture().history.length, 1);
  press(" ");
  assert.equal(picture().history.length, 3);
});

Deno.test("LiveState goes through its views, orders and units, and round again", () => {
  const { press, picture } = view();
  const views = ["conversations", "hosts", "ports", "protocols", "interfaces"];
  const after = (key: string, what: "view" | "sort" | "unit") => (press(key), picture()[what]);
  assert.deepEqual(["1", "2", "3", "4", "5"].map((key) => after(key, "view")), views);
  assert.deepEqual(views.map(() => after("tab", "view")), views);
  const back = ["protocols", "ports", "hosts", "conversations", "interfaces"];
  assert.deepEqual(back.map(() => after("back-tab", "view")), back);
  const sorts = ["40 s", "name", "2 s", "10 s"];
  assert.deepEqual(sorts.map(() => after("s", "sort")), sorts);
  assert.deepEqual([after("u", "unit"), after("u", "unit")], ["packets", "bytes"]);
});

Deno.test("LiveState begins each view and each filter with its first row", () => {
  const { press, pass, picture } = view();
  pass();
  pass();
  press("2", "down", "down");
  assert.equal(picture().selected, 2);
  press("1");
  assert.equal(picture().selected, 0);
  press("end");
  assert.equal(picture().selected, 8);
  press("/", ..."udp", "enter");
  pass(1, 2);
  pass(1, 2);
  assert.equal(picture().rows.length, 5);
  assert.equal(picture().selected, 0);
});

Deno.test("LiveState moves by a row, by a page and to both ends, and no farther", () => {
  const { press, pass, picture } = view();
  pass();
  pass();
  const after = (key: string) => (press(key), picture().selected);
  press("2");
  const keys = ["down", "j", "page-down", "page-down", "down", "up", "page-up", "home", "up"];
  assert.deepEqual(keys.map(after), [1, 2, 7, 9, 9, 8, 3, 0, 0]);
  // As many rows as the screen shows, and down to the chosen one.
  assert.deepEqual([picture().rows.length, picture().rowCount], [5, 10]);
  press("end");
  assert.equal(picture().rows.length, 10);
  press("up");
  assert.equal(picture().rows.length, 9);
});

Deno.test("LiveState moves from where its row is now, also in an empty table", () => {
  const { press, pass, picture } = view();
  press("down", "end", "enter");
  assert.deepEqual([picture().selected, picture().message, picture().filter], [0, null, ""]);
  pass();
  pass();
  press("2", "down", "down");
  // What was chosen has gone with the filter.
  press("/", ..."udp", "enter");
  pass(1, 2);
  pass(1, 2);
  press("down");
  assert.equal(picture().rows[picture().selected]!.label, "10.0.0.9");
  // All that send pass it.
  pass(-20, 2);
  const { rows, selected } = picture();
  assert.deepEqual([rows[selected]!.label, selected], ["10.0.0.9", 8]);
  press("up");
  assert.equal(picture().selected, 7);
});

Deno.test("LiveState stays within a table that has become shorter", () => {
  const { press, pass, picture } = view();
  pass();
  pass();
  press("2", "end");
  assert.deepEqual([picture().selected, picture().rowCount], [9, 10]);
  // What is silent for as long as the longest window is no row any more.
  for (let at = 0; at < 60; at++) pass(1, 0, 3);
  assert.deepEqual([picture().selected, picture().rowCount], [3, 4]);
  press("up");
  assert.equal(picture().selected, 2);
});

Deno.test("LiveState says what a key cannot do, until the next key", () => {
  const { press, pass, picture, state } = view();
  press("x");
  assert.match(picture().message!, /^"x" has no meaning here/);
  press("stop");
  assert.match(picture().message!, /^Ctrl-Z would lose packets/);
  press("1");
  assert.equal(picture().message, null);
  // 253 is for experiments (RFC 3692, 2.1), and a port of it has no filter.
  pass();
  state.add(secondOf(FIRST_SECOND + 1, [{
    attachment: 0,
    source: ipv4(10, 0, 0, 1),
    destination: ipv4(10, 0, 9, 9),
    protocol: 253,
    ports: [53, 40_000],
    counts: [1, 1, 0, 0],
  }]));
  press("3", "enter");
  assert.match(picture().message!, /^no filter selects "/);
  assert.equal(picture().filter, "");
});

Deno.test("LiveState shows its help until any key, which does nothing else", () => {
  const { press, picture } = view();
  for (const key of ["?", "h"]) {
    press(key);
    assert.equal(picture().showsHelp, true);
    press("2");
    assert.deepEqual([picture().showsHelp, picture().view], [false, "conversations"]);
  }
});

Deno.test("LiveState keeps the last ten minutes of a pause, and only those of its filter", () => {
  const { press, pass, picture } = view();
  press("p");
  assert.equal(picture().isPaused, true);
  // Of those that are left, the first counts for none.
  for (let at = 0; at < 602; at++) pass(at < 3 ? 1000 : 1);
  press("p");
  assert.equal(picture().isPaused, false);
  const { totals } = picture().history;
  assert.ok(totals.length > 0 && totals.every(({ bytesIn }) => bytesIn === 45));
  press("p");
  pass();
  press("/", ..."udp", "enter");
  for (let at = 0; at < 3; at++) pass(1, 2);
  press(" ");
  assert.equal(picture().history.length, 2);
});

Deno.test("LiveState begins the prompt with the filter that there is, and takes characters only", () => {
  const { press, picture, filters } = view();
  press("/", ..."port 80", "enter", "f", "up", "tab");
  assert.equal(picture().prompt, "port 80");
  // The same again is no other.
  press("enter", "b");
  assert.deepEqual([picture().filter, filters], ["", ["port 80", ""]]);
  press("/", ..."udp", "enter", "/", "clear", "enter");
  assert.deepEqual([picture().filter, picture().prompt, filters.at(-1)], ["", null, ""]);
  // 4096 bytes are taken, and no more.
  const longest = `port 80${" or port 80".repeat(370)} or port 8080 or ip`;
  assert.equal(longest.length, 4096);
  press("/", "clear", ...longest, "6", "enter");
  assert.equal(picture().message, "the filter is too long");
  press("backspace", "enter");
  assert.deepEqual([picture().prompt, picture().filter], [null, longest]);
});

Deno.test("LiveState narrows a filter that is not there to the row alone", () => {
  const { press, pass, filters } = view();
  pass();
  pass();
  press("2", "enter");
  assert.deepEqual(filters, ["host 10.0.9.9"]);
});

Deno.test("LiveState adds to what surrounds it", () => {
  const { picture } = view();
  const { interfaces, elapsedMs, loss, sampleRate, file, captureFilter } = picture();
  assert.deepEqual(
    { interfaces, elapsedMs, loss, sampleRate, file, captureFilter },
    SURROUNDINGS,
  );
});

Deno.test("LiveState ends on q only outside of the prompt", () => {
  const { press, quits } = view();
  press("/", "q", "escape");
  assert.equal(quits(), 0);
  press("?", "q");
  assert.equal(quits(), 1);
});
