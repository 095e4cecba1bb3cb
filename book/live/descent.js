// The descent: Algorithm 1 of the paper (section 3.2), one step at a time.
//
// Each step moves the missing pixels, and no other, against the gradient of the energy: x ← clip(x − μ ∇E(x)), until
// ‖∇E‖ ≤ ε or a limit of steps. Counterpart: inpaintlib.recipes.inpaint and inpaintlib.descent.descend, in float64.

import { Generator } from "./random.js";
import { STARTS } from "./starts.js";
import { CONTENTS, REGIONS, binary, ramp, totalVariation } from "./terms.js";
import { Views } from "./views.js";

/** The settings of a recipe that the engine obeys, as inpaintlib.recipes.Recipe has them, but the classifier's name. */
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
  "tolerance",
  "jitter",
  "patches",
  "window_sides",
];

export class Descent {
  #generator;
  #view;
  #shown; // one view of the image
  #slope; // of one term
  #scoreSlope; // of the content term, with respect to the scores
  #region;
  #given; // the image as it came
  #averages;
  #parts;

  /**
   * Make the start and evaluate the energy there.
   *
   * @param recipe all of SETTINGS
   * @param classifier a LeNet
   * @param averages, parts what the recipe's start needs for the label, see Model.start
   * @param image grey values in [0, 1], row by row @param hole 1 where missing; inside it the image plays no part
   * @param label the desired class @param seed of every random draw
   */
  constructor({ recipe, classifier, averages = null, parts = null, image, hole, label, seed = 0 }) {
    const [height, width] = classifier.shape;
    if (image.length !== height * width || hole.length !== image.length) {
      throw new Error(`image: got ${image.length} pixels and a hole of ${hole.length}, wanted ${height}×${width}`);
    }
    this.steps = 0; // updates made
    this.gradient = new Float64Array(image.length);
    this.#generator = new Generator(seed);
    this.#given = Float64Array.from(image);
    this.#shown = new Float64Array(image.length);
    this.#slope = new Float64Array(image.length);
    this.change({ recipe, classifier, averages, parts, hole, label });
  }

  /** Make one update, and evaluate the energy where it led. Nothing happens once the descent has stopped. */
  step() {
    if (this.stopped !== null) return;
    const { image, hole, gradient, recipe } = this;
    for (let i = 0; i < image.length; i++) {
      if (hole[i]) image[i] = Math.min(Math.max(image[i] - recipe.step_size * gradient[i], 0), 1);
    }
    this.steps++;
    this.#view = new Views(this.classifier.shape, recipe, this.#generator);
    this.#evaluate();
  }

  /**
   * Go on with something else, from the present image; a descent that had stopped may go on.
   *
   * With another hole, pixels that are known again get their value back, and those that are missing now, but were
   * not, get that of the start; a start is made only then. Takes the names of the constructor's arguments.
   */
  change({ recipe = this.recipe, classifier = this.classifier, label = this.label, hole = null, averages, parts }) {
    check(recipe, classifier, label);
    const drawsAlike = this.recipe && ["jitter", "patches", "window_sides"].every((name) => same(recipe[name], this.recipe[name]));
    Object.assign(this, { recipe, classifier, label });
    if (averages !== undefined) this.#averages = averages;
    if (parts !== undefined) this.#parts = parts;
    if (hole !== null) this.#cut(hole);
    this.#region = REGIONS[recipe.region](this.hole, classifier.shape, recipe);
    this.#scoreSlope = new Float64Array(classifier.classes.length);
    if (!drawsAlike) this.#view = new Views(classifier.shape, recipe, this.#generator);
    this.#evaluate();
  }

  /** The classifier's probabilities for the whole image, in place; a new array. */
  probabilities() {
    return this.classifier.probabilities(this.image);
  }

  #cut(hole) {
    const start = STARTS[this.recipe.start]({
      image: this.#given,
      hole,
      shape: this.classifier.shape,
      recipe: this.recipe,
      generator: this.#generator,
      averages: this.#averages,
      parts: this.#parts,
    });
    const before = this.hole;
    this.image = before ? start.map((value, i) => (hole[i] && before[i] ? this.image[i] : value)) : start;
    this.start = Float64Array.from(start);
    this.hole = Uint8Array.from(hole);
  }

  /** Set energy, terms (before their weights), gradient, gradientNorm and stopped for the present image. */
  #evaluate() {
    const { recipe, image, hole, gradient, steps } = this;
    const slope = this.#slope;
    gradient.fill(0);
    this.terms = {};
    this.energy = 0;

    this.#add("content", 1, this.#content());
    if (recipe.total_variation) {
      const value = totalVariation(image, this.classifier.shape, this.#region, slope);
      this.#add("total variation", recipe.total_variation, value);
    }
    if (recipe.binary) {
      const weight = ramp(recipe.binary, recipe.binary_begin, steps / Math.max(recipe.max_steps, 1));
      this.#add("binary", weight, binary(image, slope));
    }

    let square = 0;
    for (let i = 0; i < image.length; i++) if (hole[i]) square += gradient[i] ** 2;
    this.gradientNorm = Math.sqrt(square);
    this.stopped = null;
    if (steps >= recipe.max_steps) this.stopped = "step limit";
    if (this.gradientNorm <= recipe.tolerance) this.stopped = "tolerance";
  }

  /** Add a term whose gradient is in #slope to the energy. */
  #add(name, weight, value) {
    const { gradient } = this;
    const slope = this.#slope;
    this.terms[name] = value;
    this.energy += weight * value;
    for (let i = 0; i < gradient.length; i++) gradient[i] += weight * slope[i];
  }

  /** The mean of the content term over the step's views; its gradient goes to #slope. */
  #content() {
    const penalty = CONTENTS[this.recipe.content];
    const weight = 1 / this.#view.count;
    let sum = 0;
    this.#slope.fill(0);
    for (let index = 0; index < this.#view.count; index++) {
      this.#view.show(this.image, index, this.#shown);
      sum += penalty(this.classifier.forward(this.#shown), this.label, this.#scoreSlope);
      this.#view.back(this.classifier.backward(this.#scoreSlope), index, weight, this.#slope);
    }
    return sum * weight;
  }
}

function same(a, b) {
  return String(a) === String(b);
}

function check(recipe, classifier, label) {
  for (const name of SETTINGS) {
    if (!(name in recipe)) throw new Error(`recipe: got none of its setting ${name}`);
  }
  for (const [name, known] of Object.entries({ content: CONTENTS, region: REGIONS, start: STARTS })) {
    if (!Object.hasOwn(known, recipe[name])) {
      throw new Error(`${name}: got ${recipe[name]}, wanted one of ${Object.keys(known).join(", ")}`);
    }
  }
  const [smallest, largest] = recipe.window_sides;
  const most = Math.min(...classifier.shape);
  if (recipe.patches > 0 && !(smallest >= 1 && smallest <= largest && largest <= most)) {
    throw new Error(`window_sides: got ${smallest} and ${largest}, wanted the smallest and the largest, from 1 to ${most}`);
  }
  if (!(label in classifier.classes)) {
    throw new Error(`label: got ${label}, wanted a class from 0 to ${classifier.classes.length - 1}`);
  }
}
