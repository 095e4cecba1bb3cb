// The classifier: a LeNet's scores, and the gradient of a penalty of them with respect to the image.
//
// Two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers (paper section 4.1).
// Counterpart: inpaintlib.classifiers.LeNet and its gradient by torch.autograd.
//
// A stack of channels is stored as (channels, height, width) on the way forward. Its gradient is stored as
// (height, width, channels), the order in which the backward pass uses it.

/** @import { ClassifierEntry, Image, Tensors } from "./types.d.ts" */

const SIDE = 5; // of a convolution's kernels

/** Convolution, 2×2 max-pooling, ReLU: (inputs, height, width) to (outputs, rows, columns). */
class Convolution {
  /**
   * @param {Float64Array} weight - (outputs, inputs, 5, 5)
   * @param {Float64Array} bias - (outputs)
   * @param {number} inputs
   * @param {number} height
   * @param {number} width
   */
  constructor(weight, bias, inputs, height, width) {
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
   * @param {Float64Array} slope - with respect to the output; o, y, x is at o * channel + (y * columns + x) * pixel
   * @param {number} channel
   * @param {number} pixel
   */
  backward(slope, channel, pixel) {
    const { gradient, output, winner, inputs, rows, columns, width } = this;
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

/** A dense layer, with ReLU unless it is the last. */
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
    this.gradient = new Float64Array(this.inputs);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { weight, bias, output, inputs, last } = this;
    for (let o = 0, w = 0; o < output.length; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += weight[w++] * input[i];
      output[o] = last || sum > 0 ? sum : 0;
    }
    return output;
  }

  /**
   * The gradient with respect to the input.
   *
   * @param {Float64Array} slope - with respect to the output
   */
  backward(slope) {
    const { weight, output, inputs, gradient } = this;
    gradient.fill(0);
    for (let o = 0; o < output.length; o++) {
      const g = slope[o];
      if (g === 0 || (!this.last && output[o] <= 0)) continue;
      const w = o * inputs;
      for (let i = 0; i < inputs; i++) gradient[i] += g * weight[w + i];
    }
    return gradient;
  }
}

export class LeNet {
  /**
   * @param {Pick<ClassifierEntry, "shape" | "classes"> & { name: string }} description
   * @param {Tensors} tensors
   */
  constructor({ name, shape, classes }, tensors) {
    this.name = name;
    this.shape = shape;
    this.classes = classes;
    let [channels, height, width] = [1, ...shape];
    this.convolutions = [0, 1].map((number) => {
      const key = `convolutions.${number}`;
      const layer = new Convolution(tensors[`${key}.weight`], tensors[`${key}.bias`], channels, height, width);
      [channels, height, width] = [layer.outputs, layer.rows, layer.columns];
      return layer;
    });
    this.pixels = height * width; // of each channel that the dense layers read
    const count = Object.keys(tensors).filter((key) => /^dense\.\d+\.weight$/.test(key)).length;
    this.dense = Array.from({ length: count }, (_, number) => {
      const key = `dense.${number}`;
      return new Dense(tensors[`${key}.weight`], tensors[`${key}.bias`], number === count - 1);
    });
    this.scores = this.dense[count - 1].output.length;
  }

  /**
   * The raw scores (classes) of an image; the next call overwrites the array.
   *
   * @param {Image} image
   */
  forward(image) {
    return [...this.convolutions, ...this.dense].reduce((values, layer) => layer.forward(values), image);
  }

  /**
   * The gradient (height, width) of a penalty with respect to the image of the last forward.
   *
   * @param {Float64Array} slope - (classes), the penalty's with respect to the scores
   */
  backward(slope) {
    const inner = this.dense.reduceRight((above, layer) => layer.backward(above), slope);
    const [first, second] = this.convolutions;
    const between = second.backward(inner, this.pixels, 1);
    return first.backward(between, 1, first.outputs);
  }

  /**
   * The class probabilities of an image, softmax, as a new array.
   *
   * @param {Image} image
   */
  probabilities(image) {
    return softmax(this.forward(image));
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
