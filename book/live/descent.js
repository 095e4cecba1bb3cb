// The descent: Algorithm 1 of the paper (section 3.2), one step at a time.
//
// Each step moves the missing pixels, and no others, against the gradient of the energy: x ← clip(x − μ ∇E(x)), until
// ‖∇E‖ ≤ ε or a limit of steps. With momentum, a share of the last update is added. Counterpart:
// inpaintlib.recipes.inpaint and inpaintlib.descent.descend, in float64.

import { Generator } from "./random.js";
import { lengthOf, planeOf } from "./shape.js";
import { STARTS } from "./starts.js";
import { CONTENTS, OF_LABEL_ALONE, REGIONS, binary, ramp, totalVariation } from "./terms.js";
import { Views } from "./views.js";

/** @import { Classifier, DescentInput, EngineSettings, Hole, Resumed, Stopped } from "./types.d.ts" */

/**
 * The settings of a recipe that the engine supports.
 *
 * @type {(keyof EngineSettings)[]}
 */
export const SETTINGS = [
  "content",
  "total_variation",
  "region",
  "rim_width",
  "binary",
  "binary_begin",
  "start",
  "start_value",
  "step_size",
  "max_steps",
  "momentum",
  "tolerance",
  "jitter",
  "patches",
  "window_sides",
];

const NUMBERS = SETTINGS.filter((name) => !["content", "region", "start", "window_sides"].includes(name));

/** @type {(keyof EngineSettings)[]} */
const SETTINGS_OF_VIEWS = ["jitter", "patches", "window_sides"];

export class Descent {
  #generator;
  #view;
  #shown; // one view of the image
  #slope; // of one term
  #scoreSlope; // of the content term, with respect to the scores
  #region;
  #update; // the last change of each pixel
  #given; // the image before its hole was filled
  #averages;
  #parts;

  /**
   * Make the start and evaluate the energy there.
   *
   * The image's values inside the hole have no effect. All random draws come from the seed. Model.start returns the
   * averages and parts that the start needs.
   *
   * @param {DescentInput} input
   */
  constructor({ recipe, classifier, averages, parts, image, hole, label, seed = 0 }) {
    const { shape } = classifier;
    if (image.length !== lengthOf(shape) || hole.length !== lengthOf(planeOf(shape))) {
      throw new Error(`image: got ${image.length} numbers and a hole of ${hole.length}, wanted ${shape.join("×")}`);
    }
    check(recipe, classifier, label);
    this.recipe = recipe;
    this.classifier = classifier;
    this.label = label;
    this.#averages = averages;
    this.#parts = parts;
    this.#generator = new Generator(seed);
    this.#given = Float64Array.from(image);
    this.hole = Uint8Array.from(hole);
    this.start = this.#makeStart(hole);
    this.image = this.start.slice();

    this.steps = 0; // updates made
    this.energy = 0;
    /** @type {Record<string, number>} the terms of the energy before their weights */
    this.terms = {};
    /** @type {Record<string, number>} the terms with their weights: the shares of the energy, which is their sum */
    this.shares = {};
    this.gradient = new Float64Array(image.length);
    this.gradientNorm = 0;
    /** @type {Stopped} */
    this.stopped = null;

    this.#shown = new Float64Array(image.length);
    this.#slope = new Float64Array(image.length);
    this.#scoreSlope = new Float64Array(classifier.scores);
    this.#region = this.#makeRegion();
    this.#update = new Float64Array(image.length);
    this.#view = new Views(planeOf(classifier.shape), recipe, this.#generator);
    this.#evaluate();
  }

  /** Make one update, and evaluate the energy at the new image. Nothing happens once the descent has stopped. */
  step() {
    if (this.stopped !== null) return;
    const { image, hole, gradient, recipe } = this;
    const update = this.#update;
    for (let i = 0; i < image.length; i++) {
      if (!hole[i % hole.length]) continue;
      const before = image[i];
      const moved = before - recipe.step_size * gradient[i] + recipe.momentum * update[i];
      image[i] = Math.min(Math.max(moved, 0), 1);
      update[i] = image[i] - before;
    }
    this.steps++;
    this.#view = new Views(planeOf(this.classifier.shape), recipe, this.#generator);
    this.#evaluate();
  }

  /**
   * Continue with other input, from the current image; a descent that had stopped may continue.
   *
   * With another hole, pixels that are now known get their own value back, and those that are newly missing get that
   * of the start; a start is computed only then.
   *
   * @param {Partial<Omit<DescentInput, "image" | "seed">>} input
   */
  change({ recipe = this.recipe, classifier = this.classifier, label = this.label, hole, averages, parts }) {
    check(recipe, classifier, label);
    const drawsAlike = SETTINGS_OF_VIEWS.every((name) => String(recipe[name]) === String(this.recipe[name]));
    this.recipe = recipe;
    this.classifier = classifier;
    this.label = label;
    this.#averages = averages ?? this.#averages;
    this.#parts = parts ?? this.#parts;
    if (hole !== undefined) this.#cut(hole);
    this.#region = this.#makeRegion();
    this.#scoreSlope = new Float64Array(classifier.scores);
    if (!drawsAlike) this.#view = new Views(planeOf(classifier.shape), recipe, this.#generator);
    this.#evaluate();
  }

  /**
   * Go on from where an earlier descent with the same input was.
   *
   * @param {Resumed} from
   */
  resume({ image, steps }) {
    this.image = this.image.map((known, i) => (this.hole[i % this.hole.length] ? image[i] : known));
    this.steps = steps;
    this.#evaluate();
  }

  /** The classifier's probabilities for the whole image, not shifted; a new array. */
  probabilities() {
    return this.classifier.probabilities(this.image);
  }

  /** @param {Hole} hole */
  #cut(hole) {
    const before = this.hole;
    this.start = this.#makeStart(hole);
    const stillMissing = before.map((missing, i) => missing & hole[i]);
    this.image = this.start.map((value, i) => (stillMissing[i % hole.length] ? this.image[i] : value));
    this.hole = Uint8Array.from(hole);
    this.#update.fill(0);
  }

  /** @param {Hole} hole */
  #makeStart(hole) {
    return STARTS[this.recipe.start]({
      image: this.#given,
      hole,
      shape: planeOf(this.classifier.shape),
      recipe: this.recipe,
      generator: this.#generator,
      averages: this.#averages,
      parts: this.#parts,
    });
  }

  #makeRegion() {
    return REGIONS[this.recipe.region](this.hole, planeOf(this.classifier.shape), this.recipe);
  }

  /** Set energy, terms, gradient, gradientNorm and stopped for the current image. */
  #evaluate() {
    const { recipe, image, hole, gradient, steps } = this;
    const slope = this.#slope;
    gradient.fill(0);
    this.terms = {};
    this.shares = {};
    this.energy = 0;

    this.#add("content", 1, this.#content());
    if (recipe.total_variation) {
      const value = totalVariation(image, planeOf(this.classifier.shape), this.#region, slope);
      this.#add("total variation", recipe.total_variation, value);
    }
    if (recipe.binary) {
      const weight = ramp(recipe.binary, recipe.binary_begin, steps / Math.max(recipe.max_steps, 1));
      this.#add("binary", weight, binary(image, slope));
    }

    let square = 0;
    for (let i = 0; i < image.length; i++) if (hole[i % hole.length]) square += gradient[i] ** 2;
    this.gradientNorm = Math.sqrt(square);
    this.stopped = null;
    if (steps >= recipe.max_steps) this.stopped = "step limit";
    if (this.gradientNorm <= recipe.tolerance) this.stopped = "tolerance";
  }

  /**
   * Add a term whose gradient is in #slope to the energy.
   *
   * @param {string} name
   * @param {number} weight
   * @param {number} value
   */
  #add(name, weight, value) {
    const { gradient } = this;
    const slope = this.#slope;
    this.terms[name] = value;
    this.shares[name] = weight * value;
    this.energy += weight * value;
    for (let i = 0; i < gradient.length; i++) gradient[i] += weight * slope[i];
  }

  /** The mean of the content term over the step's views; its gradient goes to #slope. */
  #content() {
    const { classifier, label } = this;
    const penalty = CONTENTS[this.recipe.content];
    const only = OF_LABEL_ALONE.has(this.recipe.content) ? label : undefined;
    const weight = 1 / this.#view.count;
    let sum = 0;
    this.#slope.fill(0);
    for (let index = 0; index < this.#view.count; index++) {
      this.#view.show(this.image, index, this.#shown);
      sum += penalty(classifier.forward(this.#shown, only), label, this.#scoreSlope);
      this.#view.back(classifier.backward(this.#scoreSlope), index, weight, this.#slope);
    }
    return sum * weight;
  }
}

/**
 * Throw an error for settings that the engine does not support.
 *
 * @param {EngineSettings} recipe
 * @param {Classifier} classifier
 * @param {number} label
 */
function check(recipe, classifier, label) {
  const lacking = SETTINGS.filter((name) => !(name in recipe));
  if (lacking.length) throw new Error(`recipe: got one without ${lacking.join(", ")}, wanted all settings`);
  for (const { name, known } of /** @type {const} */ ([
    { name: "content", known: CONTENTS },
    { name: "region", known: REGIONS },
    { name: "start", known: STARTS },
  ])) {
    if (!Object.hasOwn(known, recipe[name])) {
      throw new Error(`${name}: got ${recipe[name]}, wanted one of ${Object.keys(known).join(", ")}`);
    }
  }
  for (const name of NUMBERS) {
    const value = recipe[name];
    if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${name}: got ${value}, wanted a number`);
  }
  const [smallest, largest] = recipe.window_sides;
  const most = Math.min(...planeOf(classifier.shape));
  if (recipe.patches > 0 && !(smallest >= 1 && smallest <= largest && largest <= most)) {
    throw new Error(`window_sides: got ${smallest} and ${largest}, wanted two in ascending order, from 1 to ${most}`);
  }
  if (!(label in classifier.classes)) {
    throw new Error(`label: got ${label}, wanted a class from 0 to ${classifier.classes.length - 1}`);
  }
}
