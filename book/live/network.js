// What all classifiers of the engine share: their description, their dense layers, and probabilities.
//
// Counterpart: inpaintlib.networks.Network, and Classifier.probabilities of inpaintlib.classifiers.

import { addProducts, addRows, transposed } from "./matrix.js";

/** @import { Activation, Image, ImageShape, Layer, NetworkDescription, Tensors } from "./types.d.ts" */

/** A classifier: its scores, and the gradient of a penalty of them with respect to the image. */
export class Network {
  /** @type {Layer[]} one after the other; a kind without layers has a forward and a backward of its own */
  layers = [];
  /** How many scores there are: one for each class, and in some networks one more. */
  scores = 0;

  /** @param {NetworkDescription} description */
  constructor({ name, shape, classes }) {
    this.name = name;
    /** @type {ImageShape} */
    this.shape = shape;
    this.classes = classes;
    this.fits = new Float64Array(classes.length); // of the last image
    this.probability = new Float64Array(0); // of each score, at that image
  }

  /**
   * The raw scores of an image; the next call overwrites the array.
   *
   * @param {Image} image
   */
  forward(image) {
    return this.layers.reduce((values, layer) => layer.forward(values), image);
  }

  /**
   * The gradient, shaped like the image, of a penalty with respect to the image of the last forward.
   *
   * @param {Float64Array} slope - the penalty's with respect to the scores
   */
  backward(slope) {
    return this.layers.reduceRight((above, layer) => layer.backward(above), slope);
  }

  /**
   * How well an image fits each class, 0 perfectly and less otherwise: the logarithm of the class's probability among
   * all scores. The next call overwrites the array.
   *
   * @param {Image} image
   */
  logFits(image) {
    const scores = this.forward(image);
    const total = logSumExp(scores);
    this.probability = softmax(scores);
    for (let k = 0; k < this.fits.length; k++) this.fits[k] = scores[k] - total;
    return this.fits;
  }

  /**
   * The gradient, shaped like the image, of a penalty with respect to the image of the last logFits.
   *
   * @param {Float64Array} slope - (classes), the penalty's with respect to the fits
   */
  backwardFits(slope) {
    const sum = slope.reduce((total, each) => total + each, 0);
    return this.backward(this.probability.map((p, k) => (k < slope.length ? slope[k] : 0) - p * sum));
  }

  /**
   * The probabilities of the scores, softmax, as a new array.
   *
   * @param {Image} image
   */
  probabilities(image) {
    return softmax(this.forward(image));
  }
}

/**
 * The dense layers among a network's weights, an activation after each but the last.
 *
 * @param {Tensors} tensors
 * @param {Activation} activation
 */
export function denseLayers(tensors, activation) {
  const count = Object.keys(tensors).filter((key) => /^dense\.\d+\.weight$/.test(key)).length;
  return Array.from({ length: count }, (_, number) => {
    const key = `dense.${number}`;
    return new Dense(tensors[`${key}.weight`], tensors[`${key}.bias`], number < count - 1 ? activation : null);
  });
}

/**
 * The weights with those of the first dense layer in the order in which the convolutions leave their channels: last.
 *
 * @param {Tensors} tensors
 * @param {number} channels
 * @param {number} places
 * @returns {Tensors}
 */
export function channelsLast(tensors, channels, places) {
  const key = "dense.0.weight"; // (outputs, channels, places)
  const weight = tensors[key];
  const size = channels * places;
  const ordered = new Float64Array(weight.length);
  for (let o = 0; o < weight.length; o += size) {
    ordered.set(transposed(weight.subarray(o, o + size), channels, places), o);
  }
  return { ...tensors, [key]: ordered };
}

/** A dense layer and its activation. */
class Dense {
  /**
   * @param {Float64Array} weight - (outputs, inputs)
   * @param {Float64Array} bias - (outputs)
   * @param {Activation | null} activation
   */
  constructor(weight, bias, activation) {
    this.weight = weight;
    this.bias = bias;
    this.activation = activation;
    this.output = new Float64Array(bias.length);
    this.slopes = new Float64Array(bias.length).fill(1); // of the activation
    this.sumSlopes = new Float64Array(bias.length); // of the penalty with respect to what the activation gets
    this.gradient = new Float64Array(weight.length / bias.length);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { weight, bias, output } = this;
    output.set(bias);
    addProducts(weight, input, output);
    this.activation?.(output, this.slopes);
    return output;
  }

  /**
   * The gradient with respect to the input.
   *
   * @param {Float64Array} slope - with respect to the output
   */
  backward(slope) {
    const { weight, slopes, sumSlopes, gradient } = this;
    for (let o = 0; o < slopes.length; o++) sumSlopes[o] = slope[o] * slopes[o];
    gradient.fill(0);
    addRows(weight, sumSlopes, gradient);
    return gradient;
  }
}

/**
 * Replace sums x by max(x, 0), and write the derivatives there.
 *
 * @type {Activation}
 */
export function relu(sums, slopes) {
  for (let i = 0; i < sums.length; i++) {
    const passes = sums[i] > 0;
    slopes[i] = passes ? 1 : 0;
    if (!passes) sums[i] = 0;
  }
}

/**
 * Replace sums x by x / (1 + exp(−x)), and write the derivatives there.
 *
 * @type {Activation}
 */
export function silu(sums, slopes) {
  for (let i = 0; i < sums.length; i++) {
    const sum = sums[i];
    const share = 1 / (1 + Math.exp(-sum));
    sums[i] = sum * share;
    slopes[i] = share * (1 + sum * (1 - share));
  }
}

/**
 * exp(s_k) / sum of exp(s_j), as a new array.
 *
 * @param {Float64Array} scores
 */
export function softmax(scores) {
  const largest = Math.max(...scores);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * log of the sum of exp(s_j).
 *
 * @param {Float64Array} scores
 */
export function logSumExp(scores) {
  const largest = Math.max(...scores);
  return largest + Math.log(scores.reduce((total, score) => total + Math.exp(score - largest), 0));
}
