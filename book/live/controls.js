// The controls of a panel: what each is called, the values it takes, and what a change of it does.

import { number } from "./charts.js";

/** The speed that means no limit; a number, so that it survives in a link. */
export const FASTEST = 1e6;

const percent = (value) => `${Math.round(100 * value)} %`;

/**
 * Every control by its name. Those that are settings of a recipe have the recipe's name for them.
 *
 * `values` are those of a slider; `choices` those of a list, or a function from the panel to them. `restarts`
 * says that the descent has to begin anew; all others take effect on the next step.
 */
export const CONTROLS = {
  example: { label: "picture", choices: (panel) => panel.choices.examples, restarts: true },
  recipe: { label: "recipe", choices: (panel) => panel.choices.recipes, restarts: true },
  label: { label: "desired label", choices: (panel) => panel.choices.labels },
  hole: { label: "hole", choices: (panel) => panel.choices.holes, restarts: true },
  side: { label: "side of the hole", values: [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24], restarts: true,
    format: (value) => `${value} px` },
  threshold: { label: "missing below", values: [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4], restarts: true },
  content: { label: "content term", setting: true,
    choices: () => ["probabilities", "scores", "cross-entropy", "margin", "negative-score"] },
  total_variation: { label: "λ, weight of total variation", setting: true,
    values: [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] },
  region: { label: "region of total variation", setting: true, choices: () => ["image", "rim"] },
  rim_width: { label: "half the width of the rim", setting: true, values: [1, 2, 3, 4, 5, 6, 8],
    format: (value) => `${value} px` },
  binary: { label: "weight of the binary penalty", setting: true,
    values: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.15, 0.3, 1] },
  binary_begin: { label: "binary penalty begins at", setting: true,
    values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], format: percent },
  start: { label: "start", setting: true, restarts: true, choices: () =>
    ["harmonic", "class-average", "blended-class-average", "part-mixture", "constant", "noise"] },
  step_size: { label: "μ, step size", setting: true,
    values: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] },
  tolerance: { label: "ε, stops at gradient norm", setting: true,
    values: [0, 0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1] },
  max_steps: { label: "steps", setting: true, values: [30, 60, 150, 200, 300, 1000, 3000, 20000] },
  jitter: { label: "jitter", setting: true, values: [0, 1, 2, 3, 4, 5], format: (value) => `${value} px` },
  patches: { label: "patches shown in a step", setting: true, values: [0, 1, 2, 4, 8] },
  seed: { label: "seed", values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], restarts: true },
  speed: { label: "speed", values: [1, 5, 20, 60, 200, FASTEST],
    format: (value) => (value === FASTEST ? "as fast as it can" : `${value} steps a second`) },
};

let made = 0;

/**
 * One control on the page: a native slider or list with its label.
 *
 * Its `value` can be set, also to one that the slider does not name. `changed` is called when the reader changes it.
 */
export class Control {
  constructor(name, changed) {
    this.name = name;
    this.kind = CONTROLS[name];
    this.input = document.createElement(this.kind.values ? "input" : "select");
    this.input.id = `live-control-${made++}`;
    this.input.autocomplete = "off";
    this.input.dataset.control = name;
    this.label = document.createElement("label");
    this.label.htmlFor = this.input.id;
    this.label.textContent = this.kind.label;
    this.output = document.createElement("output");
    this.output.htmlFor = this.input.id;
    if (this.kind.values) this.input.type = "range";
    this.input.addEventListener("input", () => { this.#tell(); changed(this); });
  }

  /** The parts in the order in which they go into the panel's grid. */
  get parts() {
    return [this.label, this.input, this.output];
  }

  get value() {
    return this.options[this.kind.values ? this.input.valueAsNumber : this.input.selectedIndex]?.value;
  }

  /** Set the values to choose from, where they depend on the panel, and the one chosen. */
  fill(panel, value) {
    if (this.kind.values) {
      const values = [...this.kind.values];
      if (value !== undefined && !values.includes(value)) values.push(value);
      values.sort((a, b) => a - b);
      const format = this.kind.format ?? number;
      this.options = values.map((each) => ({ value: each, text: format(each) }));
      Object.assign(this.input, { min: 0, max: values.length - 1, step: 1 });
      this.input.value = Math.max(values.indexOf(value), 0);
    } else {
      this.options = this.kind.choices(panel).map((each) =>
        typeof each === "object" ? each : { value: each, text: each });
      this.input.replaceChildren(...this.options.map(({ text }) => new Option(text)));
      this.input.selectedIndex = Math.max(this.options.findIndex((each) => each.value === value), 0);
    }
    this.#tell();
  }

  #tell() {
    if (!this.kind.values) return;
    const { text } = this.options[this.input.valueAsNumber];
    this.output.value = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}
