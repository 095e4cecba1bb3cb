// The classifier with a score for "fits no class": its scores, and the gradient with respect to the image.
//
// Three convolutions with SiLU, of which the first two have a stride of 2, then two dense layers.
// Counterpart: inpaintlib.networks.StridedNet and its gradient by torch.autograd.

import { softmax } from "./lenet.js";

/** @import { ClassifierEntry, Image, Tensors } from "./types.d.ts" */

/** Strides and paddings of the three convolutions. */
const STEPS = [{ stride: 2, padding: 2 }, { stride: 2, padding: 1 }, { stride: 1, padding: 1 }];

/** Convolution and SiLU: (inputs, height, width) to (outputs, rows, columns). */
class Convolution {
  /**
   * @param {Float64Array} weight - (outputs, inputs, side, side)
   * @param {Float64Array} bias - (outputs)
   * @param {{ inputs: number, height: number, width: number, stride: number, padding: number }} size
   */
  constructor(weight, bias, { inputs, height, width, stride, padding }) {
    this.weight = weight;
    this.bias = bias;
    this.outputs = bias.length;
    this.side = Math.round(Math.sqrt(weight.length / (this.outputs * inputs)));
    this.inputs = inputs;
    this.height = height;
    this.width = width;
    this.stride = stride;
    this.padding = padding;
    this.rows = Math.floor((height + 2 * padding - this.side) / stride) + 1;
    this.columns = Math.floor((width + 2 * padding - this.side) / stride) + 1;
    this.output = new Float64Array(this.outputs * this.rows * this.columns);
    this.slopes = new Float64Array(this.output.length); // of SiLU, at each output
    this.gradient = new Float64Array(inputs * height * width);
    this.patch = new Float64Array(inputs * this.side * this.side); // what one output looks at
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { weight, bias, output, slopes, outputs, rows, columns, patch } = this;
    const size = patch.length;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        this.#look(input, y, x);
        for (let o = 0, w = 0, to = y * columns + x; o < outputs; o++, to += rows * columns) {
          let sum = bias[o];
          for (let i = 0; i < size; i++) sum += weight[w++] * patch[i];
          const share = 1 / (1 + Math.exp(-sum));
          output[to] = sum * share;
          slopes[to] = share * (1 + sum * (1 - share));
        }
      }
    }
    return output;
  }

  /**
   * The gradient (inputs, height, width) with respect to the input.
   *
   * @param {Float64Array} slope - (outputs, rows, columns), with respect to the output
   */
  backward(slope) {
    const { weight, slopes, gradient, outputs, rows, columns, patch } = this;
    const size = patch.length;
    gradient.fill(0);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        patch.fill(0);
        for (let o = 0, w = 0, at = y * columns + x; o < outputs; o++, at += rows * columns) {
          const g = slope[at] * slopes[at];
          for (let i = 0; i < size; i++) patch[i] += g * weight[w++];
        }
        this.#spread(y, x);
      }
    }
    return gradient;
  }

  /**
   * Copy what the output at a place looks at into the patch; beyond the edge there are zeros.
   *
   * @param {Float64Array} input
   * @param {number} y
   * @param {number} x
   */
  #look(input, y, x) {
    const { patch, inputs, side, height, width } = this;
    const [top, left] = [y * this.stride - this.padding, x * this.stride - this.padding];
    for (let i = 0, to = 0; i < inputs; i++) {
      for (let row = top; row < top + side; row++) {
        const from = (i * height + row) * width;
        for (let column = left; column < left + side; column++, to++) {
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          patch[to] = inside ? input[from + column] : 0;
        }
      }
    }
  }

  /**
   * Add the patch to the gradient at the place that it was copied from.
   *
   * @param {number} y
   * @param {number} x
   */
  #spread(y, x) {
    const { patch, inputs, side, height, width, gradient } = this;
    const [top, left] = [y * this.stride - this.padding, x * this.stride - this.padding];
    for (let i = 0, from = 0; i < inputs; i++) {
      for (let row = top; row < top + side; row++) {
        const to = (i * height + row) * width;
        for (let column = left; column < left + side; column++, from++) {
          if (row >= 0 && row < height && column >= 0 && column < width) gradient[to + column] += patch[from];
        }
      }
    }
  }
}

/** A dense layer, with SiLU unless it is the last. */
class Dense {
  /**
   * @param {Float64Array} weight - (outputs, inputs)
   * @param {Float64Array} bias - (outputs)
   * @param {boolean} last
   */
  constructor(weight, bias, last) {
    this.weight = weight;
    this.bias = bias;
    this.last = last;
    this.inputs = weight.length / bias.length;
    this.output = new Float64Array(bias.length);
    this.slopes = new Float64Array(bias.length).fill(1);
    this.gradient = new Float64Array(this.inputs);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { weight, bias, output, slopes, inputs, last } = this;
    for (let o = 0, w = 0; o < output.length; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += weight[w++] * input[i];
      const share = 1 / (1 + Math.exp(-sum));
      output[o] = last ? sum : sum * share;
      if (!last) slopes[o] = share * (1 + sum * (1 - share));
    }
    return output;
  }

  /**
   * The gradient with respect to the input.
   *
   * @param {Float64Array} slope - with respect to the output
   */
  backward(slope) {
    const { weight, slopes, inputs, gradient } = this;
    gradient.fill(0);
    for (let o = 0, w = 0; o < slopes.length; o++) {
      const g = slope[o] * slopes[o];
      for (let i = 0; i < inputs; i++) gradient[i] += g * weight[w++];
    }
    return gradient;
  }
}

export class StridedNet {
  /**
   * @param {Pick<ClassifierEntry, "shape" | "classes"> & { name: string }} description
   * @param {Tensors} tensors
   */
  constructor({ name, shape, classes }, tensors) {
    this.name = name;
    this.shape = shape;
    this.classes = classes;
    let [inputs, height, width] = [1, ...shape];
    this.convolutions = STEPS.map((step, number) => {
      const key = `convolutions.${number}`;
      const size = { inputs, height, width, ...step };
      const layer = new Convolution(tensors[`${key}.weight`], tensors[`${key}.bias`], size);
      [inputs, height, width] = [layer.outputs, layer.rows, layer.columns];
      return layer;
    });
    this.dense = [0, 1].map((number) => {
      const key = `dense.${number}`;
      return new Dense(tensors[`${key}.weight`], tensors[`${key}.bias`], number === 1);
    });
    this.scores = this.dense[1].output.length; // one more than classes
  }

  /**
   * The raw scores (classes + 1) of an image; the next call overwrites the array.
   *
   * @param {Image} image
   */
  forward(image) {
    return [...this.convolutions, ...this.dense].reduce((values, layer) => layer.forward(values), image);
  }

  /**
   * The gradient (height, width) of a penalty with respect to the image of the last forward.
   *
   * @param {Float64Array} slope - (classes + 1), the penalty's with respect to the scores
   */
  backward(slope) {
    return [...this.convolutions, ...this.dense].reduceRight((above, layer) => layer.backward(above), slope);
  }

  /**
   * The probabilities of the classes and of "fits no class", softmax, as a new array.
   *
   * @param {Image} image
   */
  probabilities(image) {
    return softmax(this.forward(image));
  }
}
