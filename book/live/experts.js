// A sum of classifiers: each says how well an image fits each class, and what they say is added.
//
// Counterpart: inpaintlib.experts.Experts and its gradient by torch.autograd.

import { Network } from "./network.js";
import { lengthOf } from "./shape.js";

/** @import { Classifier, Image, NetworkDescription } from "./types.d.ts" */

export class Experts extends Network {
  /**
   * @param {NetworkDescription} description
   * @param {{ weight: number, network: Classifier }[]} members
   */
  constructor(description, members) {
    super(description);
    this.members = members;
    this.scores = this.classes.length;
    this.gradient = new Float64Array(lengthOf(this.shape));
  }

  /**
   * The scores (classes); the next call overwrites the array. With `only`, those of all other classes may be NaN.
   *
   * @override
   * @param {Image} image
   * @param {number} [only]
   */
  forward(image, only) {
    const { fits } = this;
    fits.fill(0);
    for (const { weight, network } of this.members) {
      network.logFits(image, only).forEach((fit, k) => { fits[k] += weight * fit; });
    }
    return fits;
  }

  /**
   * @override
   * @param {Float64Array} slope - (classes)
   */
  backward(slope) {
    const { gradient } = this;
    gradient.fill(0);
    for (const { weight, network } of this.members) {
      network.backwardFits(slope).forEach((each, i) => { gradient[i] += weight * each; });
    }
    return gradient;
  }
}
