// The classifier of Gaussians: how far an image lies from each class, and the gradient with respect to the image.
//
// Each class has some Gaussians, its parts: a mean and directions of large variance, one variance for the rest.
// Counterpart: inpaintlib.networks.Gaussians, whose documentation has the formula, and its gradient by torch.autograd.

import { addProducts, addRows } from "./matrix.js";
import { Network, softmax } from "./network.js";

/** @import { Image, NetworkDescription, Tensors } from "./types.d.ts" */

/** A part with a smaller share of its class's density changes no digit of the class's gradient. */
const SMALLEST_SHARE = 1e-20;

export class Gaussians extends Network {
  /**
   * @param {NetworkDescription & { floor?: number }} description - with the variance of a pixel beside the directions
   * @param {Tensors} tensors - as Gaussians.packed() returns them, and `lengths` and `middles`
   */
  constructor({ floor = 1, ...description }, tensors) {
    super(description);
    const { means, directions, largest, shares, offsets, lengths, middles } = tensors;
    this.scores = this.classes.length;
    this.floor = floor;
    this.parts = offsets.length / this.scores;
    this.count = shares.length / offsets.length; // of a Gaussian's directions
    this.size = means.length / offsets.length; // of an image
    this.means = means; // (classes, parts, size)
    this.shares = shares; // (classes, parts, count)
    this.offsets = offsets; // (classes, parts)
    this.lengths = lengths; // squared, of the means, (classes, parts)
    this.middles = middles; // of the means along the directions, (classes, parts, count)
    this.directions = directions; // (classes, parts, count, size); scaled in place, since they are many
    for (let d = 0, i = 0; d < largest.length; d++) {
      const scale = Math.fround(largest[d] / 127); // Python computes them in single precision
      for (const end = i + this.size; i < end; i++) directions[i] = Math.fround(directions[i] * scale);
    }

    /** @type {Image} */
    this.image = new Float64Array(this.size); // the last one
    this.along = new Float64Array(middles.length); // that image minus the mean along the directions
    this.weights = new Float64Array(middles.length); // of the directions in the gradient
    this.fitsOfParts = new Float64Array(offsets.length);
    this.gradient = new Float64Array(this.size);
  }

  /**
   * The scores (classes); the next call overwrites the array. With `only`, those of all other classes are NaN.
   *
   * @override
   * @param {Image} image
   * @param {number} [only]
   */
  forward(image, only) {
    const { fits, floor, parts, fitsOfParts } = this;
    this.image = image;
    let square = 0;
    for (let i = 0; i < image.length; i++) square += image[i] ** 2;
    fits.fill(NaN);
    const [first, end] = only === undefined ? [0, fits.length] : [only, only + 1];
    for (let label = first; label < end; label++) {
      let largest = -Infinity;
      for (let part = label * parts; part < (label + 1) * parts; part++) {
        fitsOfParts[part] = this.#fit(image, square, part);
        largest = Math.max(largest, fitsOfParts[part]);
      }
      let sum = 0;
      for (let part = label * parts; part < (label + 1) * parts; part++) {
        sum += Math.exp((fitsOfParts[part] - largest) / floor);
      }
      fits[label] = largest + floor * Math.log(sum);
    }
    return fits;
  }

  /**
   * The gradient (height, width); classes whose slope is 0 are left out.
   *
   * @override
   * @param {Float64Array} slope - (classes)
   */
  backward(slope) {
    const { floor, parts, fitsOfParts, gradient } = this;
    gradient.fill(0);
    for (let label = 0; label < slope.length; label++) {
      if (slope[label] === 0) continue;
      const ours = fitsOfParts.subarray(label * parts, (label + 1) * parts);
      softmax(ours.map((fit) => fit / floor)).forEach((share, part) => {
        if (share > SMALLEST_SHARE) this.#pull(label * parts + part, slope[label] * share);
      });
    }
    return gradient;
  }

  /**
   * The scores, which already say how well an image fits.
   *
   * @override
   * @param {Image} image
   * @param {number} [only]
   */
  logFits(image, only) {
    return this.forward(image, only);
  }

  /**
   * @override
   * @param {Float64Array} slope
   */
  backwardFits(slope) {
    return this.backward(slope);
  }

  /**
   * The score of one Gaussian.
   *
   * @param {Image} image
   * @param {number} square - of the image's length
   * @param {number} part
   */
  #fit(image, square, part) {
    const { means, directions, shares, middles, along, size, count } = this;
    let onto = 0;
    for (let i = 0, m = part * size; i < size; i++) onto += image[i] * means[m++];
    const [first, end] = [part * count, (part + 1) * count];
    for (let d = first; d < end; d++) along[d] = -middles[d];
    addProducts(directions, image, along, first, end);
    let explained = 0;
    for (let d = first; d < end; d++) explained += shares[d] * along[d] ** 2;
    return -0.5 * (square - 2 * onto + this.lengths[part] - explained) + this.offsets[part];
  }

  /**
   * Add the gradient of one Gaussian's score, times a weight.
   *
   * @param {number} part
   * @param {number} weight
   */
  #pull(part, weight) {
    const { means, directions, shares, along, weights, gradient, size, count, image } = this;
    for (let i = 0, m = part * size; i < size; i++) gradient[i] += weight * (means[m++] - image[i]);
    const [first, end] = [part * count, (part + 1) * count];
    for (let d = first; d < end; d++) weights[d] = weight * shares[d] * along[d];
    addRows(directions, weights, gradient, first, end);
  }
}
