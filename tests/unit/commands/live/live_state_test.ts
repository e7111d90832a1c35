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
    /** A second in which host 10.0.0.n sends n * `factor` bytes, of 9 hosts. */
    pass: (factor = 1, filterVersion = 0) =>
      state.add(secondOf(
        second++,
        Array.from({ length: 9 }, (_, index) => ({
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

Deno.test("LiveState ends on q only outside of the prompt", () => {
  const { press, quits } = view();
  press("/", "q", "escape");
  assert.equal(quits(), 0);
  press("?", "q");
  assert.equal(quits(), 1);
});
