// A second result beside the first: the same picture, hole, label and seed, with a recipe and settings of its own.
//
// It is a panel that has no picture to paint and no buttons: it begins, runs and steps when the first one does.

import { foldable, make } from "./parts.js";

/** @import { Panel } from "./panel.js" */

const CONTROLS = "recipe content total_variation binary start step_size max_steps momentum jitter patches";

export class Comparison {
  #leader;
  #other;
  #events;
  /** @type {HTMLElement[]} what was added to the first panel */
  #added;

  /** @param {Panel} leader */
  constructor(leader) {
    this.#leader = leader;
    const other = /** @type {Panel} */ (document.createElement("inpaint-live"));
    this.#other = other;
    Object.assign(other.dataset, {
      manifest: leader.dataset.manifest, recipe: leader.asked.recipe, example: leader.asked.example,
      controls: CONTROLS, follows: "",
    });
    other.className = "live-compared";
    other.place = leader;
    leader.body.append(other);
    const settings = Object.values(other.controls).map(({ element }) => element);
    this.#added = [
      make("figure", "live-frame", "", make("figcaption", "", "Result B"), other.result.element,
        other.readings.element, other.problem, other.againButton, other.bars.element),
      foldable("Settings of B", true, make("div", "live-controls", "", ...settings)),
    ];
    const [frame, group] = this.#added;
    leader.body.querySelector(".live-stage")?.append(frame);
    leader.body.querySelector(".live-group, .live-controls")?.before(group);
    leader.body.dataset.compared = "";
    this.#events = { begun: () => this.#begin(), paced: () => this.#pace(), stepped: () => other.step() };
    for (const [name, act] of Object.entries(this.#events)) leader.addEventListener(name, act);
    other.addEventListener("opened", () => this.#begin(), { once: true });
  }

  /** Give the second result the input of the first, and let it begin. */
  #begin() {
    const [leader, other] = [this.#leader, this.#other];
    if (!other.manifest) return; // it begins once it has it
    const { image, hole, own, picture, shape, asked: { recipe, example, label, seed } } = leader;
    const fits = other.shape.join() === shape.join();
    if (!fits) other.ask({ recipe, example });
    else if (other.asked.example !== example) other.choose(other.manifest);
    Object.assign(other.asked, { example, label, seed });
    Object.assign(other, { image, hole, own, picture });
    other.begin({ run: leader.running });
  }

  #pace() {
    const [leader, other] = [this.#leader, this.#other];
    const { label } = leader.asked;
    if (other.asked.label !== label) other.relabel(label);
    if (other.running !== leader.running && !other.stopped) other.setRunning(leader.running);
  }

  close() {
    for (const [name, act] of Object.entries(this.#events)) this.#leader.removeEventListener(name, act);
    for (const each of [...this.#added, this.#other]) each.remove();
    delete this.#leader.body.dataset.compared;
  }
}
