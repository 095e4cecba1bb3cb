// Charts of a running descent: curves over its steps, and the classifier's probabilities as bars.

import { contextOf } from "./pixels.js";

const MOST_POINTS = 400;

/** A curve that never holds more than a few hundred points, however long the descent is. */
export class Trace {
  /** @type {number[]} */
  values = [];
  every = 1;
  seen = 0;

  clear() {
    this.values = [];
    this.every = 1;
    this.seen = 0;
  }

  /**
   * Add the value of the next step; when there are too many, every second one is dropped.
   *
   * @param {number} value
   */
  add(value) {
    if (this.seen++ % this.every === 0) this.values.push(value);
    if (this.values.length > MOST_POINTS) {
      this.values = this.values.filter((_, i) => i % 2 === 0);
      this.every *= 2;
    }
  }
}

/** A canvas with one curve, its title and its range. */
export class Curve {
  /**
   * @param {string} title
   * @param {{ log?: boolean }} [options] - whether the axis of values is logarithmic
   */
  constructor(title, { log = false } = {}) {
    this.title = title;
    this.log = log;
    this.element = document.createElement("canvas");
    this.element.className = "live-curve";
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", `${title} over the steps`);
    this.element.width = 440;
    this.element.height = 190;
  }

  /** @param {Trace} trace */
  draw(trace) {
    const { width, height } = this.element;
    const context = contextOf(this.element);
    const style = getComputedStyle(this.element);
    context.clearRect(0, 0, width, height);
    context.font = "22px system-ui, sans-serif";
    context.fillStyle = style.color;
    context.fillText(this.title, 6, 22);
    const values = this.log ? trace.values.map((value) => Math.log10(Math.max(value, 1e-12))) : trace.values;
    if (values.length < 2) return;
    const low = Math.min(...values);
    const high = Math.max(...values);
    const [top, bottom] = [36, height - 34];
    /** @param {number} i */
    const x = (i) => 6 + (i / (values.length - 1)) * (width - 12);
    /** @param {number} value */
    const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top);
    context.beginPath();
    values.forEach((value, i) => context.lineTo(x(i), y(value)));
    context.strokeStyle = style.getPropertyValue("--live-line");
    context.lineWidth = 3;
    context.stroke();
    const [least, most] = [low, high].map((value) => number(this.log ? 10 ** value : value));
    context.fillText(`${least} to ${most}`, 6, height - 8);
    const steps = `${(values.length - 1) * trace.every} steps`;
    context.fillText(steps, width - 6 - context.measureText(steps).width, height - 8);
  }
}

/** The largest probabilities of a classifier, each a bar with its class; the label's stands out. */
export class Bars {
  /** @type {string[]} */
  #classes = [];
  /** @type {Record<"row" | "name" | "bar" | "share", HTMLElement>[]} */
  #rows = [];

  /** @param {number} [most] - number of rows */
  constructor(most = 10) {
    this.most = most;
    this.element = document.createElement("ul");
    this.element.className = "live-bars";
    this.element.setAttribute("aria-label", "The classifier's probabilities");
  }

  /**
   * Make a row for each class, or for as many as are shown.
   *
   * @param {string[]} classes
   */
  reset(classes) {
    this.#classes = classes;
    const longest = Math.max(...classes.map(({ length }) => length));
    this.element.style.setProperty("--live-names", `${0.56 * longest}em`);
    this.#rows = Array.from({ length: Math.min(classes.length, this.most) }, () => {
      const row = document.createElement("li");
      const [name, frame, bar, share] = Array.from({ length: 4 }, () => document.createElement("span"));
      frame.append(bar);
      row.append(name, frame, share);
      return { row, name, bar, share };
    });
    this.element.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  /**
   * @param {Float64Array} probabilities
   * @param {number} label
   */
  draw(probabilities, label) {
    let shown = [...this.#classes.keys()];
    if (shown.length > this.#rows.length) {
      shown.sort((a, b) => Number(b === label) - Number(a === label) || probabilities[b] - probabilities[a]);
      shown = shown.slice(0, this.#rows.length);
    }
    this.#rows.forEach(({ row, name, bar, share }, i) => {
      const title = this.#classes[shown[i]];
      const percent = `${Math.round(100 * probabilities[shown[i]])} %`;
      row.classList.toggle("live-wanted", shown[i] === label);
      if (name.textContent !== title) name.textContent = title;
      if (share.textContent !== percent) share.textContent = percent;
      bar.style.width = `${100 * probabilities[shown[i]]}%`;
    });
  }
}

/**
 * A number in three significant digits.
 *
 * @param {number} value
 */
export function number(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-5 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
