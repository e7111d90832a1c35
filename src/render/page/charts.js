// Rates over time: areas upon each other, with a cursor, zoom by mouse, keys and buttons. Runs in the
// page, behind uPlot.
"use strict";
(() => {
  const PREFIXES = ["", "k", "M", "G", "T", "P"];
  const PHONE_WIDTH = 600;
  /** Fewer buckets than these are no use. */
  const MIN_BUCKETS = 4;

  const rateText = (rate) => {
    if (rate === null) return "-";
    let power = 0;
    while (rate >= 999.5 && power < PREFIXES.length - 1) {
      rate /= 1000;
      power++;
    }
    const digits = power === 0 ? 0 : rate < 9.995 ? 2 : rate < 99.95 ? 1 : 0;
    return `${rate.toFixed(digits)} ${PREFIXES[power]}bit/s`;
  };

  /** As much of a point in time (seconds since 1970, UTC) as steps of `step` seconds change. */
  const clockText = (seconds, step) => {
    const micros = Math.round(seconds * 1e6);
    const iso = new Date(Math.floor(micros / 1000)).toISOString();
    if (step >= 86_400) return iso.slice(0, 10);
    if (step >= 60) return iso.slice(11, 16);
    if (step >= 1) return iso.slice(11, 19);
    if (step >= 1e-3) return iso.slice(14, 23);
    return `${iso.slice(17, 23)}${String(((micros % 1000) + 1000) % 1000).padStart(3, "0")}`;
  };

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const sync = uPlot.sync("time");
  const charts = [];

  class Chart {
    #figure;
    #data;
    #place = element("div", "plot");
    #tip = element("div", "tip");
    #shown = element("span", "shown");
    #hidden = new Set();
    #plot = null;

    constructor(figure) {
      this.#figure = figure;
      this.#data = JSON.parse(figure.querySelector("script").textContent);
      const { offsets, width, start, rates } = this.#data;
      this.times = [...offsets, offsets.at(-1) + width].map((offset) => start + offset);
      // The end of the last bucket, so that it is as wide as the others.
      this.rates = rates.map((values) => [...values, values.at(-1) ?? null]);
      this.#place.tabIndex = 0;
      this.#place.setAttribute("role", "group");
      const label = figure.getAttribute("aria-label");
      this.#place.setAttribute(
        "aria-label",
        `${label}, chart: the arrow keys move the cursor, plus and minus zoom, 0 shows all`,
      );
      this.#place.addEventListener("keydown", (event) => this.#onKey(event));
      this.#place.addEventListener("blur", () => this.#tip.hidden = true);
      this.#tip.hidden = true;
      this.#tip.setAttribute("role", "status");
      figure.append(this.#legend(), this.#place, this.#tools());
      this.draw();
      new ResizeObserver(() => {
        if (this.#plot && this.#place.clientWidth > 0) this.#plot.setSize(this.#size());
      }).observe(this.#place);
    }

    /** Draws everything anew, in the colours of now. */
    draw() {
      const range = this.#plot && this.range;
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(), this.#stacked(), this.#place);
      this.#plot.over.append(this.#tip);
      if (range) this.show(...range);
      this.#say();
    }

    get range() {
      const { min, max } = this.#plot.scales.x;
      return [min, max];
    }

    get whole() {
      return [this.times[0], this.times.at(-1)];
    }

    show(min, max) {
      this.#plot.setScale("x", { min, max });
    }

    /** Makes the shown time `factor` times as long, around the cursor or the middle. */
    zoom(factor) {
      const [min, max] = this.range;
      const [first, last] = this.whole;
      const { left } = this.#plot.cursor;
      const at = left < 0 ? NaN : this.#plot.posToVal(left, "x");
      const middle = at >= min && at <= max ? at : (min + max) / 2;
      const least = Math.min(this.#data.width * MIN_BUCKETS, last - first);
      const length = Math.min(Math.max((max - min) * factor, least), last - first);
      const from = middle - length * (middle - min) / (max - min);
      const start = Math.min(Math.max(from, first), last - length);
      this.show(start, start + length);
    }

    /** Moves the shown time by a part of its length. */
    move(part) {
      const [min, max] = this.range;
      const [first, last] = this.whole;
      const by = Math.min(Math.max((max - min) * part, first - min), last - max);
      this.show(min + by, max + by);
    }

    #onKey(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const keys = {
        "+": () => this.zoom(0.5),
        "=": () => this.zoom(0.5),
        "-": () => this.zoom(2),
        "0": () => this.show(...this.whole),
        Escape: () => this.show(...this.whole),
        ArrowLeft: () => this.#step(-1),
        ArrowRight: () => this.#step(1),
      };
      const action = keys[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    }

    #step(by) {
      const [min, max] = this.range;
      const inside = this.times.slice(0, -1).map((time, index) => ({ time, index }))
        .filter(({ time }) => time + this.#data.width > min && time < max);
      if (inside.length === 0) return;
      const bucket = this.#bucket();
      const here = inside.findIndex(({ index }) => index === bucket);
      const next = here < 0
        ? by > 0 ? 0 : inside.length - 1
        : Math.min(Math.max(here + by, 0), inside.length - 1);
      const { time } = inside[next];
      const left = Math.max(this.#plot.valToPos(time, "x"), 0) + 0.5;
      this.#plot.setCursor({ left, top: this.#plot.over.clientHeight / 2 });
    }

    /** Which bucket the cursor is in; null = none. */
    #bucket() {
      const { left } = this.#plot.cursor;
      if (left === undefined || left < 0) return null;
      const at = this.#plot.posToVal(left, "x");
      const next = this.times.findIndex((time) => time > at);
      return Math.min(Math.max(next < 0 ? Infinity : next - 1, 0), this.times.length - 2);
    }

    /** The largest total first: what is drawn later lies upon it. */
    #stacked() {
      const sums = new Array(this.times.length).fill(null);
      const series = this.rates.map((values, index) => {
        if (this.#hidden.has(index)) return values.map(() => null);
        return values.map((value, at) => {
          if (value === null) return sums[at];
          return sums[at] = (sums[at] ?? 0) + value;
        });
      });
      return [this.times, ...series.reverse()];
    }

    #size() {
      const width = Math.max(this.#place.clientWidth, 200);
      return { width, height: width < PHONE_WIDTH ? 200 : 260 };
    }

    #options() {
      const [text, grid] = [colour("--soft"), colour("--line")];
      const axis = {
        stroke: text,
        grid: { stroke: grid, width: 1 },
        ticks: { stroke: grid, width: 1 },
        font: "12px system-ui, sans-serif",
      };
      const [first, last] = this.whole;
      const series = this.rates.map((_, index) => ({
        stroke: colour(`--s${index}`),
        fill: colour(`--s${index}`),
        width: 1,
        points: { show: false },
        paths: uPlot.paths.stepped({ align: 1 }),
      })).reverse();
      return {
        ...this.#size(),
        ms: 1e-3,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        padding: [8, 30, 0, 0],
        legend: { show: false },
        cursor: {
          sync: { key: sync.key },
          drag: { x: true, y: false, dist: 5 },
          points: { show: false },
          y: false,
        },
        scales: {
          x: { time: true, range: (_, min, max) => min === null ? [first, last] : [min, max] },
          y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
        },
        axes: [
          {
            ...axis,
            space: 90,
            size: 32,
            values: (_, splits, __, ___, step) => splits.map((at) => clockText(at, step)),
          },
          {
            ...axis,
            size: 84,
            values: (_, splits) => splits.map((rate) => rate === 0 ? "0" : rateText(rate)),
          },
        ],
        series: [{}, ...series],
        hooks: {
          drawClear: [(plot) => this.#drawMarks(plot)],
          draw: [(plot) => this.#drawLosses(plot)],
          setCursor: [(plot) => this.#showTip(plot)],
          setScale: [(_, scale) => scale === "x" && this.#say()],
        },
      };
    }

    #drawMarks({ ctx, bbox, valToPos }) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.fillStyle = colour("--gap");
      for (const [from, to] of this.#data.gaps) {
        const left = valToPos(this.#data.start + from, "x", true);
        const right = valToPos(this.#data.start + to, "x", true);
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
      }
      ctx.restore();
    }

    /** A strip at the top, over the areas. */
    #drawLosses({ ctx, bbox, valToPos }) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.fillStyle = colour("--bad");
      for (const [from, to] of this.#data.losses) {
        const left = valToPos(this.#data.start + from, "x", true);
        const right = valToPos(this.#data.start + to, "x", true);
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2), 5 * devicePixelRatio);
      }
      ctx.restore();
    }

    #showTip(plot) {
      if (this.#plot === null) return;
      const at = this.#bucket();
      this.#tip.hidden = at === null;
      if (at === null) return;
      const time = element("strong", "", `${this.#timeText(this.times[at])} UTC`);
      const lines = this.#data.names.map((name, index) => {
        const line = element("div", `key s${index}`);
        line.append(element("span", "", name), element("b", "", rateText(this.rates[index][at])));
        return line;
      });
      this.#tip.replaceChildren(time, ...lines);
      const width = plot.over.clientWidth;
      this.#tip.classList.toggle("left", plot.cursor.left > width / 2);
    }

    #timeText(seconds) {
      const step = this.#data.width;
      const date = clockText(seconds, 86_400);
      if (step >= 86_400) return date;
      const clock = clockText(seconds, 1);
      // Behind the seconds, as many digits as a bucket needs.
      const fraction = step >= 1 ? "" : clockText(seconds, step).slice(step >= 1e-3 ? 5 : 2);
      return `${date} ${clock}${fraction}`;
    }

    #say() {
      if (this.#plot === null) return;
      const [min, max] = this.range;
      // All charts are about the same time.
      for (const chart of charts) {
        if (chart !== this && chart.range.some((end, index) => end !== this.range[index])) {
          chart.show(min, max);
        }
      }
      const [first, last] = this.whole;
      const isWhole = min <= first && max >= last;
      this.#shown.textContent = isWhole
        ? "whole time"
        : `${this.#timeText(min)} to ${this.#timeText(max)} UTC`;
      this.#figure.dataset.seconds = String(max - min);
    }

    #legend() {
      const legend = element("div", "legend");
      this.#data.names.forEach((name, index) => {
        const button = element("button", `key s${index}`, name);
        button.type = "button";
        button.setAttribute("aria-pressed", "true");
        button.addEventListener("click", () => {
          if (!this.#hidden.delete(index)) this.#hidden.add(index);
          button.setAttribute("aria-pressed", String(!this.#hidden.has(index)));
          const range = this.range;
          this.#plot.setData(this.#stacked(), false);
          this.show(...range);
        });
        legend.append(button);
      });
      const { gaps, losses } = this.#data;
      if (gaps.length > 0) legend.append(element("span", "key gap", "nothing was recorded"));
      if (losses.length > 0) legend.append(element("span", "key loss", "recording lost packets"));
      return legend;
    }

    #tools() {
      const tools = element("div", "tools");
      const actions = [
        ["Earlier", () => this.move(-0.5)],
        ["Later", () => this.move(0.5)],
        ["Zoom in", () => this.zoom(0.5)],
        ["Zoom out", () => this.zoom(2)],
        ["Whole time", () => this.show(...this.whole)],
      ];
      for (const [name, action] of actions) {
        const button = element("button", "", name);
        button.type = "button";
        button.addEventListener("click", action);
        tools.append(button);
      }
      this.#shown.setAttribute("role", "status");
      tools.append(this.#shown);
      return tools;
    }
  }

  for (const figure of document.querySelectorAll("figure.chart")) charts.push(new Chart(figure));
  const redraw = () => charts.forEach((chart) => chart.draw());
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", redraw);
  }
})();
