// The classifier with a score for "fits no class": its scores, and the gradient with respect to the image.
//
// Three convolutions with SiLU, of which the first two have a stride of 2, then two dense layers.
// Counterpart: inpaintlib.networks.StridedNet and its gradient by torch.autograd.
//
// A stack of channels is stored as (height, width, channels), so what a kernel's row looks at is contiguous. Images and
// their gradients have the channels first, as everywhere.

import { inFours, transposed } from "./matrix.js";
import { Network, denseLayers, silu } from "./network.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Image, NetworkDescription, Tensors } from "./types.d.ts" */

/** Strides and paddings of the three convolutions. */
const STEPS = [{ stride: 2, padding: 2 }, { stride: 2, padding: 1 }, { stride: 1, padding: 1 }];

/**
 * Convolution and SiLU: (height, width, inputs) to (rows, columns, outputs).
 *
 * Both passes are products of matrices, computed in blocks of four rows of the weights and two places of the picture:
 * of six numbers, once read, come eight products, and eight sums do not wait for one another.
 */
class Convolution {
  /**
   * @param {Float64Array} weight - (outputs, inputs, side, side); outputs, and the rest together, multiples of 4
   * @param {Float64Array} bias - (outputs)
   * @param {{ inputs: number, height: number, width: number, stride: number, padding: number }} size
   */
  constructor(weight, bias, { inputs, height, width, stride, padding }) {
    const outputs = bias.length;
    const size = weight.length / outputs; // of what one output looks at
    const side = Math.round(Math.sqrt(size / inputs));
    if (outputs % 4 || size % 4) throw new Error(`weight: got ${outputs} by ${size}, wanted multiples of 4`);
    this.bias = bias;
    this.outputs = outputs;
    this.side = side;
    this.run = side * inputs; // neighbours in a row of the input that an output looks at
    this.height = height;
    this.rows = Math.floor((height + 2 * padding - side) / stride) + 1;
    this.columns = Math.floor((width + 2 * padding - side) / stride) + 1;
    this.output = new Float64Array(this.rows * this.columns * outputs);
    this.slopes = new Float64Array(this.output.length); // of SiLU
    this.sumSlopes = new Float64Array(this.output.length); // of the penalty with respect to what SiLU gets
    this.row = width * inputs; // numbers in a row of the input
    this.gradient = new Float64Array(height * this.row);

    // Input and gradient with zeros around them, so that no place needs to know where the edge is.
    this.paddedRow = (width + 2 * padding) * inputs;
    this.corner = padding * (this.paddedRow + inputs); // where the picture begins
    this.padded = new Float64Array((height + 2 * padding) * this.paddedRow);
    this.paddedGradient = new Float64Array(this.padded.length);
    this.places = Int32Array.from({ length: this.rows * this.columns }, (_, place) => // where each output looks
      stride * (Math.floor(place / this.columns) * this.paddedRow + (place % this.columns) * inputs));
    this.offsets = new Int32Array(size); // of the numbers that it looks at from there
    const ordered = new Float64Array(weight.length); // (outputs, side, side, inputs)
    for (let k = 0; k < size; k++) {
      const [i, x, y] = [k % inputs, Math.floor(k / inputs) % side, Math.floor(k / inputs / side)];
      this.offsets[k] = y * this.paddedRow + x * inputs + i;
      for (let o = 0; o < outputs; o++) ordered[o * size + k] = weight[o * size + (i * side + y) * side + x];
    }
    this.forwardWeight = inFours(ordered, outputs, size);
    this.backwardWeight = inFours(transposed(ordered, outputs, size), size, outputs);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { padded, corner, row, paddedRow, height, bias, output, outputs, places, offsets, side, run } = this;
    const skipped = paddedRow - run;
    const weight = this.forwardWeight;
    for (let y = 0; y < height; y++) {
      for (let x = 0, to = corner + y * paddedRow, from = y * row; x < row; x++) padded[to++] = input[from++];
    }
    const last = places.length - 1;
    for (let o = 0, first = 0; o < outputs; o += 4, first += 4 * offsets.length) {
      for (let p = 0; p <= last; p += 2) {
        const q = Math.min(p + 1, last); // the last of an odd number is computed twice
        let a0 = bias[o], a1 = bias[o + 1], a2 = bias[o + 2], a3 = bias[o + 3];
        let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        for (let y = 0, w = first, i = places[p], j = places[q]; y < side; y++, i += skipped, j += skipped) {
          for (const end = i + run; i < end; i++, j++, w += 4) {
            const a = padded[i], b = padded[j];
            const w0 = weight[w], w1 = weight[w + 1], w2 = weight[w + 2], w3 = weight[w + 3];
            a0 += w0 * a; a1 += w1 * a; a2 += w2 * a; a3 += w3 * a;
            b0 += w0 * b; b1 += w1 * b; b2 += w2 * b; b3 += w3 * b;
          }
        }
        const to = p * outputs + o, next = q * outputs + o;
        output[to] = a0; output[to + 1] = a1; output[to + 2] = a2; output[to + 3] = a3;
        output[next] = b0; output[next + 1] = b1; output[next + 2] = b2; output[next + 3] = b3;
      }
    }
    silu(output, this.slopes);
    return output;
  }

  /**
   * The gradient (height, width, inputs) with respect to the input.
   *
   * @param {Float64Array} slope - (rows, columns, outputs), with respect to the output
   */
  backward(slope) {
    const { slopes, sumSlopes, outputs, places, offsets, gradient, row, paddedRow, corner, height } = this;
    const weight = this.backwardWeight;
    const padded = this.paddedGradient.fill(0);
    for (let i = 0; i < slopes.length; i++) sumSlopes[i] = slope[i] * slopes[i];
    const last = places.length - 1;
    for (let k = 0, first = 0; k < offsets.length; k += 4, first += 4 * outputs) {
      const k0 = offsets[k], k1 = offsets[k + 1], k2 = offsets[k + 2], k3 = offsets[k + 3];
      for (let p = 0; p <= last; p += 2) {
        const q = Math.min(p + 1, last);
        let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
        for (let o = 0, w = first, i = p * outputs, j = q * outputs; o < outputs; o++, w += 4) {
          const a = sumSlopes[i + o], b = sumSlopes[j + o];
          const w0 = weight[w], w1 = weight[w + 1], w2 = weight[w + 2], w3 = weight[w + 3];
          a0 += w0 * a; a1 += w1 * a; a2 += w2 * a; a3 += w3 * a;
          b0 += w0 * b; b1 += w1 * b; b2 += w2 * b; b3 += w3 * b;
        }
        const here = places[p], there = places[q];
        padded[here + k0] += a0; padded[here + k1] += a1; padded[here + k2] += a2; padded[here + k3] += a3;
        if (p === q) continue;
        padded[there + k0] += b0; padded[there + k1] += b1; padded[there + k2] += b2; padded[there + k3] += b3;
      }
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0, from = corner + y * paddedRow, to = y * row; x < row; x++) gradient[to++] = padded[from++];
    }
    return gradient;
  }
}

export class StridedNet extends Network {
  /**
   * @param {NetworkDescription} description
   * @param {Tensors} tensors
   */
  constructor(description, tensors) {
    super(description);
    let [inputs, height, width] = [channelsOf(this.shape), ...planeOf(this.shape)];
    this.pixels = height * width;
    const convolutions = STEPS.map((step, number) => {
      const key = `convolutions.${number}`;
      const size = { inputs, height, width, ...step };
      const layer = new Convolution(tensors[`${key}.weight`], tensors[`${key}.bias`], size);
      [inputs, height, width] = [layer.outputs, layer.rows, layer.columns];
      return layer;
    });
    const weight = tensors["dense.0.weight"]; // (hidden, inputs, places), but here the channels come last
    const size = inputs * height * width;
    const reordered = new Float64Array(weight.length);
    for (let o = 0; o < weight.length; o += size) {
      reordered.set(transposed(weight.subarray(o, o + size), inputs, height * width), o);
    }
    this.layers = [...convolutions, ...denseLayers({ ...tensors, "dense.0.weight": reordered }, silu)];
    this.scores = tensors["dense.1.bias"].length; // one more than classes
  }

  /**
   * @override
   * @param {Image} image
   */
  forward(image) {
    return super.forward(transposed(image, channelsOf(this.shape), this.pixels));
  }

  /**
   * @override
   * @param {Float64Array} slope
   */
  backward(slope) {
    return transposed(super.backward(slope), this.pixels, channelsOf(this.shape));
  }
}
