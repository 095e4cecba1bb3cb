// Charts of a running descent: curves over its steps, the classifier's probabilities as bars, and single values.

import { make, paragraph } from "./parts.js";
import { contextOf } from "./pixels.js";

const MOST_POINTS = 400;

/** A curve that never holds more than a few hundred points, however long the descent is. */
export class Trace {
  /** @type {number[]} */
  values = [];
  every = 1;
  seen = 0;
  last = 0; // value

  /** @param {number} [first] - the step of the first value */
  constructor(first = 0) {
    this.first = first;
  }

  /**
   * Add the value of the next step; when there are too many, every second one is dropped.
   *
   * @param {number} value
   */
  add(value) {
    this.last = value;
    if (this.seen++ % this.every === 0) this.values.push(value);
    if (this.values.length > MOST_POINTS) {
      this.values = this.values.filter((_, i) => i % 2 === 0);
      this.every *= 2;
    }
  }
}

/** A canvas with axes, that draws its values over the steps and says them in words. */
class Chart {
  /**
   * @param {string} title
   * @param {{ log?: boolean }} [options] - whether the axis of values is logarithmic
   */
  constructor(title, { log = false } = {}) {
    this.title = title;
    this.log = log;
    this.picture = document.createElement("canvas");
    this.picture.className = "live-curve";
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("aria-label", `${title} over the steps`);
    Object.assign(this.picture, { width: 640, height: 260 });
    this.element = document.createElement("figure");
    this.element.className = "live-chart";
    this.caption = document.createElement("figcaption");
    this.caption.textContent = title;
    this.element.append(this.caption, this.picture);
  }

  /**
   * Begin a drawing: empty the canvas, draw the axes, and return what places a value.
   *
   * @param {Trace} trace - of all steps
   * @param {number} low
   * @param {number} high
   */
  axes({ values, every, first }, low, high) {
    const { width, height } = this.picture;
    const context = contextOf(this.picture);
    const style = getComputedStyle(this.picture);
    context.clearRect(0, 0, width, height);
    context.font = "26px system-ui, sans-serif";
    const [least, most] = [low, high].map((value) => number(this.log ? 10 ** value : value));
    const widest = Math.max(...[least, most].map((text) => context.measureText(text).width));
    const [top, bottom, left] = [16, height - 40, Math.max(104, Math.ceil(widest) + 12)];
    context.fillStyle = style.color;
    context.strokeStyle = style.color;
    context.lineWidth = 1;
    context.strokeRect(left, top, width - left - 4, bottom - top);
    context.textAlign = "right";
    context.fillText(least, left - 8, bottom);
    context.fillText(most, left - 8, top + 20);
    const last = first + (values.length - 1) * every;
    context.fillText(`step ${last}`, width - 4, height - 8);
    context.textAlign = "left";
    context.fillText(String(first), left, height - 8);
    return {
      context,
      style,
      bottom,
      /** @param {number} i */
      x: (i) => left + (i / Math.max(values.length - 1, 1)) * (width - left - 4),
      /** @param {number} value */
      y: (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top),
    };
  }

  /**
   * @param {string} words
   */
  say(words) {
    this.picture.setAttribute("aria-label", words);
  }
}

/** A chart of one curve. */
export class Curve extends Chart {
  /** @param {Trace} trace */
  draw(trace) {
    const values = this.log ? trace.values.map((value) => Math.log10(Math.max(value, 1e-12))) : trace.values;
    const { context, style, x, y } = this.axes(trace, Math.min(...values), Math.max(...values));
    context.beginPath();
    values.forEach((value, i) => context.lineTo(x(i), y(value)));
    context.strokeStyle = style.getPropertyValue("--live-line");
    context.lineWidth = 4;
    context.stroke();
  }

  /** @param {Trace} trace */
  tell(trace) {
    this.say(`${this.title}, ${inWords(trace)}`);
  }
}

/** The colours of an energy's terms, see live.css. */
const SHADES = ["--live-line", "--live-second", "--live-third"];

/** A chart of the energy as a stack of its terms, so that a growing weight is seen as what it is. */
export class Stack extends Chart {
  /** @param {Record<string, Trace>} traces - of the terms, from the lowest up */
  draw(traces) {
    const all = Object.values(traces);
    const [first] = all;
    if (!first) return;
    /** @type {number[][]} the upper edges */
    const edges = [];
    for (const { values } of all) edges.push(values.map((value, i) => value + (edges.at(-1)?.[i] ?? 0)));
    // The content term may be negative, and all others lie on it: then the axis begins at its lowest value.
    const low = Math.min(0, ...edges[0]);
    const high = Math.max(...edges.flat());
    const { context, style, x, y } = this.axes(first, low, high);
    edges.forEach((edge, place) => {
      context.beginPath();
      edge.forEach((value, i) => context.lineTo(x(i), y(value)));
      for (let i = edge.length - 1; i >= 0; i--) context.lineTo(x(i), y(edges[place - 1]?.[i] ?? low));
      context.fillStyle = style.getPropertyValue(SHADES[place]);
      context.globalAlpha = 0.8;
      context.fill();
      context.globalAlpha = 1;
    });
    this.#legend(traces);
  }

  /** @param {Record<string, Trace>} traces */
  #legend(traces) {
    const parts = Object.entries(traces).map(([name, { last }], i) => {
      const item = document.createElement("span");
      item.className = `live-key live-key-${i}`;
      item.textContent = `${name} ${number(last)}`;
      return item;
    });
    this.caption.replaceChildren(`${this.title}: `, ...parts);
  }

  /** @param {Record<string, Trace>} traces */
  tell(traces) {
    const parts = Object.entries(traces).map(([name, trace]) => `${name} ${inWords(trace)}`);
    this.say(`${this.title}, the sum of its terms: ${parts.join("; ")}`);
  }
}

/** @param {Trace} trace */
function inWords({ values, first, seen, last }) {
  const least = values.reduce((a, b) => Math.min(a, b), last);
  const most = values.reduce((a, b) => Math.max(a, b), last);
  return `${number(values[0])} at step ${first}, ${number(last)} at step ${first + seen - 1}, `
    + `between ${number(least)} and ${number(most)}`;
}

/** The output that some classifiers have beyond their classes: that the picture fits none of them. */
export const NONE = "none";

/** The largest probabilities of a classifier, each a bar with its class; the label's stands out. */
export class Bars {
  /** @type {string[]} */
  #classes = [];
  /** @type {Record<"row" | "name" | "bar" | "share", HTMLElement>[]} */
  #rows = [];

  /** @param {number} [most] - number of rows */
  constructor(most = 11) {
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
   * A probability beyond the classes gets a row of its own.
   *
   * @param {Float64Array} probabilities
   * @param {number} label
   */
  draw(probabilities, label) {
    if (probabilities.length > this.#classes.length) this.reset([...this.#classes, NONE]);
    let shown = [...this.#classes.keys()];
    if (shown.length > this.#rows.length) {
      shown.sort((a, b) => Number(b === label) - Number(a === label) || probabilities[b] - probabilities[a]);
      shown = shown.slice(0, this.#rows.length);
    }
    this.#rows.forEach(({ row, name, bar, share }, i) => {
      const title = this.#classes[shown[i]];
      const percent = `${Math.round(100 * probabilities[shown[i]])}\u00a0%`;
      row.classList.toggle("live-wanted", shown[i] === label);
      if (name.textContent !== title) name.textContent = title;
      if (share.textContent !== percent) share.textContent = percent;
      bar.style.width = `${100 * probabilities[shown[i]]}%`;
    });
  }
}

/** Values with their names, each in a place of its own, so that nothing moves when one becomes longer. */
export class Readings {
  element = paragraph("live-readings", "aria-hidden", "true");

  /** @param {Record<string, string>} values - by their names */
  draw(values) {
    const places = Object.entries(values).map(([name, value]) => {
      const place = make("span", "", "", make("span", "", `${name} `), make("span", "", value));
      place.title = value; // where it is too long for its place
      return place;
    });
    this.element.replaceChildren(...places);
  }

  /**
   * Say words in the values' place.
   *
   * @param {string} words
   */
  say(words) {
    this.element.replaceChildren(words);
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
  const digits = size >= 1e-5 && size < 1e5 ? String(Number(size.toPrecision(3))) : size.toExponential(1);
  return value < 0 ? `−${digits}` : digits;
}
