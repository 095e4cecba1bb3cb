// The paper's classifier, a LeNet: its scores, and the gradient of a penalty of them with respect to the image.
//
// Two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers (paper section 4.1).
// Counterpart: inpaintlib.networks.LeNet and its gradient by torch.autograd.

import { Convolution, ConvolutionalNetwork } from "./convolution.js";
import { channelsLast, denseLayers, relu } from "./network.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Layer, NetworkDescription, Tensors } from "./types.d.ts" */

const SIDE = 5; // of a convolution's kernels

/**
 * Where a convolution's outputs look that are pooled: the four of each 2×2 window one after the other, a b above c d.
 *
 * @param {number} rows - of windows
 * @param {number} columns
 * @returns {[number, number][]}
 */
function inWindows(rows, columns) {
  return Array.from({ length: 4 * rows * columns }, (_, i) => {
    const [window, which] = [i >> 2, i & 3];
    return [2 * Math.floor(window / columns) + (which >> 1), 2 * (window % columns) + (which & 1)];
  });
}

/** 2×2 max-pooling and ReLU: sums (windows, 4, channels) to (windows, outputs). */
class Pooling {
  /**
   * @param {number} windows
   * @param {number} outputs
   * @param {number} channels - of the sums; those behind the outputs have no meaning
   */
  constructor(windows, outputs, channels) {
    this.outputs = outputs;
    this.channels = channels;
    this.output = new Float64Array(windows * outputs);
    this.winner = new Int32Array(this.output.length); // which of each window's four is the largest, 0 to 3
    this.gradient = new Float64Array(4 * this.output.length); // (windows, 4, outputs)
  }

  /**
   * Of each window it keeps the largest, the first of equal ones as torch does, and cuts it off below 0.
   *
   * @param {Float64Array} sums
   */
  forward(sums) {
    const { output, winner, outputs, channels } = this;
    for (let to = 0, window = 0; to < output.length; window += 4 * channels) {
      for (let at = window; at < window + outputs; at++, to++) {
        const b = sums[at + channels], c = sums[at + 2 * channels], d = sums[at + 3 * channels];
        let largest = sums[at], which = 0;
        if (b > largest) { largest = b; which = 1; }
        if (c > largest) { largest = c; which = 2; }
        if (d > largest) { largest = d; which = 3; }
        output[to] = largest > 0 ? largest : 0;
        winner[to] = which;
      }
    }
    return output;
  }

  /**
   * The gradient (windows, 4, outputs) with respect to the sums.
   *
   * @param {Float64Array} slope - with respect to the output
   */
  backward(slope) {
    const { gradient, output, winner, outputs } = this;
    gradient.fill(0);
    for (let from = 0, window = 0; from < output.length; window += 4 * outputs) {
      for (let o = 0; o < outputs; o++, from++) {
        if (output[from] <= 0) continue; // ReLU's slope is 0 where it cut off
        gradient[window + winner[from] * outputs + o] = slope[from];
      }
    }
    return gradient;
  }
}

export class LeNet extends ConvolutionalNetwork {
  /**
   * @param {NetworkDescription} description
   * @param {Tensors} tensors
   */
  constructor(description, tensors) {
    super(description);
    let [inputs, height, width] = [channelsOf(this.shape), ...planeOf(this.shape)];
    /** @type {Layer[]} */
    const layers = [];
    for (const key of ["convolutions.0", "convolutions.1"]) {
      const [weight, bias] = [tensors[`${key}.weight`], tensors[`${key}.bias`]];
      const [rows, columns] = [height, width].map((length) => (length - SIDE + 1) >> 1); // a last odd one is not pooled
      const size = { inputs, height, width, padding: 0, corners: inWindows(rows, columns) };
      const convolution = new Convolution(weight, bias, size);
      layers.push(convolution, new Pooling(rows * columns, bias.length, convolution.channels));
      [inputs, height, width] = [bias.length, rows, columns];
    }
    this.layers = [...layers, ...denseLayers(channelsLast(tensors, inputs, height * width), relu)];
    this.scores = this.classes.length;
  }
}
