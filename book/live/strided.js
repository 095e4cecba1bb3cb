// The classifier with a score for "fits no class": its scores, and the gradient with respect to the image.
//
// Three convolutions with SiLU, of which the first two have a stride of 2, then two dense layers.
// Counterpart: inpaintlib.networks.StridedNet and its gradient by torch.autograd.

import { Convolution, ConvolutionalNetwork, everyPlace } from "./convolution.js";
import { channelsLast, denseLayers, silu } from "./network.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Layer, NetworkDescription, Tensors } from "./types.d.ts" */

/** Sides, strides and paddings of the three convolutions. */
const STEPS = [
  { side: 6, stride: 2, padding: 2 }, { side: 4, stride: 2, padding: 1 }, { side: 3, stride: 1, padding: 1 },
];

/** SiLU of each number. */
class Silu {
  /** @param {number} count */
  constructor(count) {
    this.output = new Float64Array(count);
    this.slopes = new Float64Array(count);
    this.gradient = new Float64Array(count);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { output, slopes } = this;
    output.set(input);
    silu(output, slopes);
    return output;
  }

  /** @param {Float64Array} slope */
  backward(slope) {
    const { gradient, slopes } = this;
    for (let i = 0; i < gradient.length; i++) gradient[i] = slope[i] * slopes[i];
    return gradient;
  }
}

export class StridedNet extends ConvolutionalNetwork {
  /**
   * @param {NetworkDescription} description
   * @param {Tensors} tensors
   */
  constructor(description, tensors) {
    super(description);
    let [inputs, height, width] = [channelsOf(this.shape), ...planeOf(this.shape)];
    /** @type {Layer[]} */
    const layers = [];
    STEPS.forEach(({ side, stride, padding }, number) => {
      const key = `convolutions.${number}`;
      const [weight, bias] = [tensors[`${key}.weight`], tensors[`${key}.bias`]];
      if (bias.length % 4) throw new Error(`${key}: got ${bias.length} channels, wanted a multiple of 4`);
      const [rows, columns] = [height, width].map((length) => Math.floor((length + 2 * padding - side) / stride) + 1);
      const corners = everyPlace({ rows, columns, stride });
      layers.push(new Convolution(weight, bias, { inputs, height, width, padding, corners }));
      layers.push(new Silu(rows * columns * bias.length));
      [inputs, height, width] = [bias.length, rows, columns];
    });
    this.layers = [...layers, ...denseLayers(channelsLast(tensors, inputs, height * width), silu)];
    this.scores = tensors["dense.1.bias"].length; // one more than classes
  }
}
