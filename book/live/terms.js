// The terms of the energy (paper sections 3.1 and 3.4). Each returns its value and the gradient.
//
// Counterpart: inpaintlib.energy.

import { logSumExp, softmax } from "./network.js";

/** @import { Content, Image, Region, RegionMaker, Shape } from "./types.d.ts" */

/**
 * The content terms by the names that recipes use: how far the scores are from the label.
 * Each returns its value and writes the slope (classes), its derivative with respect to the scores.
 *
 * @type {Record<string, Content>}
 */
export const CONTENTS = {
  /** ‖softmax(s) − ℓ‖², ℓ one-hot: the paper's. */
  probabilities(scores, label, slope) {
    const p = softmax(scores);
    /** @param {number} k */
    const off = (k) => p[k] - (k === label ? 1 : 0);
    let [value, mean] = [0, 0];
    for (let k = 0; k < p.length; k++) {
      value += off(k) ** 2;
      mean += p[k] * off(k);
    }
    for (let k = 0; k < p.length; k++) slope[k] = 2 * p[k] * (off(k) - mean);
    return value;
  },

  /** ‖s − ℓ‖². */
  scores(scores, label, slope) {
    let value = 0;
    for (let k = 0; k < scores.length; k++) {
      const off = scores[k] - (k === label ? 1 : 0);
      value += off ** 2;
      slope[k] = 2 * off;
    }
    return value;
  },

  /** −log softmax(s)_ℓ. */
  "cross-entropy"(scores, label, slope) {
    const p = softmax(scores);
    for (let k = 0; k < p.length; k++) slope[k] = p[k] - (k === label ? 1 : 0);
    return logSumExp(scores) - scores[label];
  },

  /** The best other score minus the label's; equal best ones share the slope, as in torch.amax. */
  margin(scores, label, slope) {
    let [best, ties] = [-Infinity, 0];
    for (let k = 0; k < scores.length; k++) {
      if (k === label || scores[k] < best) continue;
      ties = scores[k] > best ? 1 : ties + 1;
      best = scores[k];
    }
    for (let k = 0; k < scores.length; k++) slope[k] = k !== label && scores[k] === best ? 1 / ties : 0;
    slope[label] = -1;
    return best - scores[label];
  },

  /** −s_ℓ. */
  "negative-score"(scores, label, slope) {
    slope.fill(0);
    slope[label] = -1;
    return -scores[label];
  },
};

/** The content terms that depend on the label's score alone, so that a classifier may leave out the others. */
export const OF_LABEL_ALONE = new Set(["negative-score"]);

/**
 * ‖M D_h X‖₁ + ‖M D_v X‖₁ with forward differences; a difference belongs to its left or upper pixel.
 * Channels, which share the region, are summed.
 * Writes the gradient, Dᵀ Mᵀ sign(M D X) with sign(0) = 0, to `slope`; returns the value.
 *
 * @param {Image} image
 * @param {Shape} shape - of each channel
 * @param {Region} region
 * @param {Float64Array} slope
 */
export function totalVariation(image, [height, width], region, slope) {
  let value = 0;
  slope.fill(0);
  for (let channel = 0; channel < image.length; channel += height * width) {
    for (let y = 0, pixel = 0; y < height; y++) {
      for (let x = 0; x < width; x++, pixel++) {
        if (region !== null && !region[pixel]) continue;
        const i = channel + pixel;
        if (x < width - 1) value += pull(image, i, i + 1, slope);
        if (y < height - 1) value += pull(image, i, i + width, slope);
      }
    }
  }
  return value;
}

/**
 * Add the sign of one difference to the slopes of its two pixels; return its absolute value.
 *
 * @param {Image} image
 * @param {number} here
 * @param {number} next
 * @param {Float64Array} slope
 */
function pull(image, here, next, slope) {
  const difference = image[next] - image[here];
  const sign = Math.sign(difference);
  slope[next] += sign;
  slope[here] -= sign;
  return Math.abs(difference);
}

/**
 * The sum of 4 x (1 − x): 1 for a pixel of middle grey. Writes the gradient to `slope`; returns the value.
 *
 * @param {Image} image
 * @param {Float64Array} slope
 */
export function binary(image, slope) {
  let value = 0;
  for (let i = 0; i < image.length; i++) {
    value += 4 * image[i] * (1 - image[i]);
    slope[i] = 4 - 8 * image[i];
  }
  return value;
}

/**
 * A weight that is 0 until progress `begin` and then grows linearly to `end`.
 *
 * @param {number} end
 * @param {number} begin - in [0, 1)
 * @param {number} progress - in [0, 1]
 */
export function ramp(end, begin, progress) {
  return (end * Math.max(progress - begin, 0)) / (1 - begin);
}

/**
 * Where total variation counts, by the names that recipes use.
 *
 * @type {Record<string, RegionMaker>}
 */
export const REGIONS = {
  image: () => null,

  /** The pixels at most `rim_width` steps from the hole's rim, on either side; all if nothing is known. */
  rim(hole, shape, { rim_width: width }) {
    if (hole.every((missing) => missing)) return null;
    const outer = grow(hole, shape, width);
    const inner = grow(hole.map((missing) => 1 - missing), shape, width);
    return outer.map((near, i) => near & inner[i]);
  },
};

/**
 * The pixels at most `steps` steps up, down, left or right from a marked one.
 *
 * @param {Uint8Array} marked
 * @param {Shape} shape
 * @param {number} steps
 */
export function grow(marked, [height, width], steps) {
  let grown = Uint8Array.from(marked);
  for (let step = 0; step < steps; step++) {
    const before = grown;
    grown = before.map((inside, i) => {
      const x = i % width;
      return inside
        || (x > 0 && before[i - 1])
        || (x < width - 1 && before[i + 1])
        || (i >= width && before[i - width])
        || (i < (height - 1) * width && before[i + width])
        ? 1 : 0;
    });
  }
  return grown;
}
