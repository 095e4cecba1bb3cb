// The paper's classifier, a LeNet: its scores, and the gradient of a penalty of them with respect to the image.
//
// Two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers (paper section 4.1).
// Counterpart: inpaintlib.networks.LeNet and its gradient by torch.autograd.
//
// A stack of channels is stored as (channels, height, width) on the way forward. Its gradient is stored as
// (height, width, channels), the order in which the backward pass uses it; only the image's is put back in order.

import { transposed } from "./matrix.js";
import { Network, denseLayers, relu } from "./network.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { NetworkDescription, Tensors } from "./types.d.ts" */

const SIDE = 5; // of a convolution's kernels

/** Convolution, 2×2 max-pooling, ReLU: (inputs, height, width) to (outputs, rows, columns). */
class Convolution {
  /**
   * @param {Float64Array} weight - (outputs, inputs, 5, 5)
   * @param {Float64Array} bias - (outputs)
   * @param {{ inputs: number, height: number, width: number, last: boolean }} size - last of the convolutions
   */
  constructor(weight, bias, { inputs, height, width, last }) {
    const outputs = bias.length;
    this.weight = weight;
    this.bias = bias;
    this.inputs = inputs;
    this.outputs = outputs;
    this.height = height;
    this.width = width;
    this.rows = (height - SIDE + 1) >> 1; // a last odd row or column is not pooled
    this.columns = (width - SIDE + 1) >> 1;
    this.output = new Float64Array(outputs * this.rows * this.columns);
    this.winner = new Int32Array(this.output.length); // which of each window's four is the largest, 0 to 3
    // The slope at o, y, x comes in place o * channel + (y * columns + x) * pixel: dense layers see the channels first.
    this.channel = last ? this.rows * this.columns : 1;
    this.pixel = last ? 1 : outputs;
    this.gradient = new Float64Array(height * width * inputs);
    this.backwardWeight = new Float64Array(weight.length); // (outputs, 5, 5, inputs)
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let k = 0; k < SIDE * SIDE; k++) {
          this.backwardWeight[(o * SIDE * SIDE + k) * inputs + i] = weight[(o * inputs + i) * SIDE * SIDE + k];
        }
      }
    }
  }

  /**
   * Of each 2×2 window it keeps the largest, the first of equal ones as torch does, and cuts it off below 0.
   *
   * A window's four sums, a b above c d, are computed together: a row of six pixels, once read, serves all four.
   *
   * @param {Float64Array} input
   */
  forward(input) {
    const { weight, bias, output, winner, inputs, outputs, height, width, rows, columns } = this;
    for (let o = 0, to = 0; o < outputs; o++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++, to++) {
          let a = bias[o], b = a, c = a, d = a;
          let w = o * inputs * SIDE * SIDE;
          for (let i = 0; i < inputs; i++) {
            let p = (i * height + 2 * y) * width + 2 * x;
            let p0 = input[p], p1 = input[p + 1], p2 = input[p + 2];
            let p3 = input[p + 3], p4 = input[p + 4], p5 = input[p + 5];
            for (const end = w + SIDE * SIDE; w < end; w += SIDE) {
              const w0 = weight[w], w1 = weight[w + 1], w2 = weight[w + 2], w3 = weight[w + 3], w4 = weight[w + 4];
              a += w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3 + w4 * p4;
              b += w0 * p1 + w1 * p2 + w2 * p3 + w3 * p4 + w4 * p5;
              p += width;
              p0 = input[p]; p1 = input[p + 1]; p2 = input[p + 2];
              p3 = input[p + 3]; p4 = input[p + 4]; p5 = input[p + 5];
              c += w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3 + w4 * p4;
              d += w0 * p1 + w1 * p2 + w2 * p3 + w3 * p4 + w4 * p5;
            }
          }
          let largest = a, which = 0;
          if (b > largest) { largest = b; which = 1; }
          if (c > largest) { largest = c; which = 2; }
          if (d > largest) { largest = d; which = 3; }
          output[to] = largest > 0 ? largest : 0;
          winner[to] = which;
        }
      }
    }
    return output;
  }

  /**
   * The gradient (height, width, inputs) with respect to the input.
   *
   * @param {Float64Array} slope - with respect to the output
   */
  backward(slope) {
    const { gradient, output, winner, inputs, rows, columns, width, channel, pixel } = this;
    const weight = this.backwardWeight;
    const span = SIDE * inputs; // a kernel's row is contiguous, and so are the elements that it reaches
    gradient.fill(0);
    for (let o = 0; o < this.outputs; o++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const place = y * columns + x;
          const at = o * rows * columns + place;
          const g = slope[o * channel + place * pixel];
          if (output[at] <= 0 || g === 0) continue; // ReLU's slope is 0 where it cut off
          const top = 2 * y + (winner[at] >> 1);
          const left = 2 * x + (winner[at] & 1);
          for (let k = 0; k < SIDE; k++) {
            const to = ((top + k) * width + left) * inputs;
            const from = (o * SIDE + k) * span;
            for (let j = 0; j < span; j += SIDE) { // five at a time: the loop itself costs as much as a product
              gradient[to + j] += g * weight[from + j];
              gradient[to + j + 1] += g * weight[from + j + 1];
              gradient[to + j + 2] += g * weight[from + j + 2];
              gradient[to + j + 3] += g * weight[from + j + 3];
              gradient[to + j + 4] += g * weight[from + j + 4];
            }
          }
        }
      }
    }
    return gradient;
  }
}

export class LeNet extends Network {
  /**
   * @param {NetworkDescription} description
   * @param {Tensors} tensors
   */
  constructor(description, tensors) {
    super(description);
    let [inputs, height, width] = [channelsOf(this.shape), ...planeOf(this.shape)];
    const convolutions = [0, 1].map((number) => {
      const key = `convolutions.${number}`;
      const size = { inputs, height, width, last: number === 1 };
      const layer = new Convolution(tensors[`${key}.weight`], tensors[`${key}.bias`], size);
      [inputs, height, width] = [layer.outputs, layer.rows, layer.columns];
      return layer;
    });
    this.layers = [...convolutions, ...denseLayers(tensors, relu)];
    this.scores = this.classes.length;
  }

  /**
   * @override
   * @param {Float64Array} slope
   */
  backward(slope) {
    const [height, width] = planeOf(this.shape);
    return transposed(super.backward(slope), height * width, channelsOf(this.shape));
  }
}
