// The controls of a panel: their labels, their values, and the effect of a change.

import { number } from "./charts.js";

/** @import { Choice, ControlKind, OpenManifest, Value } from "./types.d.ts" */
/** @import { Panel } from "./panel.js" */

/** The speed that means no limit; a number, so that it can be part of a link. */
export const FASTEST = 1e6;

/** The controls of each group by its title; the label is in none, since it stands beside the button that runs. */
export const GROUPS = {
  "Recipe, picture and hole": ["recipe", "example", "hole", "side", "threshold"],
  "Method": ["content", "total_variation", "region", "rim_width", "binary", "binary_begin", "start"],
  "Schedule": ["step_size", "tolerance", "max_steps", "momentum", "jitter", "patches", "seed", "speed"],
};

/** Names up to this number are all in sight, as buttons; more are a list. */
const MOST_BUTTONS = 16;

/**
 * The starts that there are for a recipe: not every set has averages of parts.
 *
 * @param {{ data: string }} recipe
 * @param {Pick<OpenManifest, "supports" | "averages">} manifest
 */
export const startsOf = ({ data }, { supports, averages }) =>
  supports.start.filter((start) => start !== "part-mixture" || averages[data].parts > 0);

/** @param {number} value */
const percent = (value) => `${Math.round(100 * value)} %`;

/** @param {number} value */
const pixels = (value) => `${value} px`;

/**
 * Every control by its name. Settings of a recipe have the same name as in the recipe.
 *
 * `values` are those of a slider; `choices` is a function from the panel to those of a list. With `restarts` a change
 * starts the descent again; all others take effect on the next step.
 *
 * @type {Record<string, ControlKind>}
 */
export const CONTROLS = {
  recipe: { label: "recipe", choices: (panel) => panel.choices.recipes, restarts: true },
  example: { label: "picture", choices: (panel) => panel.choices.examples, restarts: true },
  label: { label: "desired label", choices: (panel) => panel.choices.labels },
  hole: { label: "hole", choices: (panel) => panel.choices.holes, restarts: true },
  side: { label: "side of the hole", values: [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24], restarts: true, format: pixels },
  threshold: { label: "missing below", values: [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4], restarts: true },
  content: { label: "content term", setting: true,
    choices: () => ["probabilities", "scores", "cross-entropy", "margin", "negative-score"] },
  total_variation: { label: "λ, weight of total variation", setting: true,
    values: [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] },
  region: { label: "region of total variation", setting: true, choices: () => ["image", "rim"] },
  rim_width: { label: "half-width of the rim", setting: true, values: [1, 2, 3, 4, 5, 6, 8], format: pixels },
  binary: { label: "weight of the binary penalty", setting: true,
    values: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.15, 0.3, 1] },
  binary_begin: { label: "binary penalty begins at", setting: true,
    values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], format: percent },
  start: { label: "start", setting: true, restarts: true, choices: (panel) => panel.choices.starts },
  step_size: { label: "μ, step size", setting: true,
    values: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] },
  tolerance: { label: "ε, gradient norm to stop at", setting: true,
    values: [0, 0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1] },
  max_steps: { label: "steps", setting: true, values: [30, 60, 150, 200, 300, 1000, 3000, 20000] },
  momentum: { label: "momentum", setting: true, values: [0, 0.5, 0.8, 0.9, 0.95] },
  jitter: { label: "jitter", setting: true, values: [0, 1, 2, 3, 4, 5], format: pixels },
  patches: { label: "patches per step", setting: true, values: [0, 1, 2, 4, 8] },
  seed: { label: "seed", values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], restarts: true },
  speed: { label: "speed", values: [1, 5, 20, 60, 200, FASTEST],
    format: (value) => (value === FASTEST ? "no limit" : `${value} steps per second`) },
};

let made = 0;

/**
 * One control on the page: a native slider for numbers; for names buttons, of which one is pressed, or a native list.
 *
 * Its `value` can also be set to one that is not among the slider's.
 */
export class Control {
  /** @type {Choice[]} the choices, by the slider's or list's position */
  options = [];
  /** @type {HTMLInputElement | HTMLSelectElement | HTMLElement} what the reader changes */
  input;

  /**
   * @param {string} name
   * @param {(control: Control) => void} changed - called when the reader changes it
   */
  constructor(name, changed) {
    this.name = name;
    this.kind = CONTROLS[name];
    this.number = made++;
    this.label = document.createElement("span");
    this.label.id = `live-label-${this.number}`;
    this.label.textContent = this.kind.label;
    this.output = document.createElement("output");
    this.output.ariaLive = "off"; // the slider says its value; a preset changes many
    this.input = document.createElement(this.kind.values ? "input" : "div");
    if (this.input instanceof HTMLInputElement) this.input.type = "range";
    this.#name();
    this.element = document.createElement("div");
    this.element.className = "live-control";
    this.element.dataset.control = name;
    this.element.append(this.label, this.input, this.output);
    this.element.addEventListener("input", () => { this.#tell(); changed(this); });
  }

  /** The position of the choice. */
  get place() {
    const { input } = this;
    if (input instanceof HTMLInputElement) return input.valueAsNumber;
    if (input instanceof HTMLSelectElement) return input.selectedIndex;
    return [...input.querySelectorAll("input")].findIndex(({ checked }) => checked);
  }

  set place(place) {
    const { input } = this;
    if (input instanceof HTMLInputElement) input.value = String(place);
    else if (input instanceof HTMLSelectElement) input.selectedIndex = place;
    else input.querySelectorAll("input")[place].checked = true;
    this.#tell();
  }

  get value() {
    return this.options[this.place].value;
  }

  /**
   * Set the choices, which may depend on the panel, and the chosen value.
   *
   * @param {Panel} panel
   * @param {Value | undefined} value
   */
  fill(panel, value) {
    const { kind } = this;
    const before = this.options;
    if (kind.values) {
      const values = new Set(kind.values);
      if (typeof value === "number") values.add(value);
      const format = kind.format ?? number;
      this.options = [...values].sort((a, b) => a - b).map((each) => ({ value: each, text: format(each) }));
      Object.assign(this.input, { min: 0, max: this.options.length - 1, step: 1 });
    } else {
      const choices = kind.choices?.(panel) ?? [];
      this.options = choices.map((each) => (typeof each === "object" ? each : { value: each, text: each }));
      if (JSON.stringify(before) !== JSON.stringify(this.options)) this.#show(); // else what has the focus stays
    }
    this.place = Math.max(this.options.findIndex((each) => each.value === value), 0);
  }

  /** Show the options. */
  #show() {
    const buttons = this.options.length <= MOST_BUTTONS;
    const next = document.createElement(buttons ? "div" : "select");
    if (next instanceof HTMLSelectElement) next.append(...this.options.map(({ text }) => new Option(text)));
    else next.append(...this.options.map(({ text }) => this.#button(text)));
    this.input.replaceWith(next);
    this.input = next;
    this.#name();
  }

  /** @param {string} text */
  #button(text) {
    const radio = Object.assign(document.createElement("input"), { type: "radio", autocomplete: "off" });
    radio.name = `live-control-${this.number}`;
    const label = document.createElement("label");
    label.append(radio, text);
    return label;
  }

  /** Name what the reader changes. */
  #name() {
    const { input } = this;
    input.setAttribute("aria-labelledby", this.label.id);
    if (input instanceof HTMLDivElement) {
      input.className = "live-segments";
      input.setAttribute("role", "radiogroup");
    } else {
      input.setAttribute("autocomplete", "off");
    }
  }

  #tell() {
    if (!(this.input instanceof HTMLInputElement)) return;
    const { text } = this.options[this.input.valueAsNumber];
    this.output.value = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}
