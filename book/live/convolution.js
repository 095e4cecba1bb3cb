// A convolution, computed as a product of matrices: what each output looks at becomes a row of the left one.
//
// A stack of channels is stored as (height, width, channels), so what a kernel's row looks at is contiguous. Images and
// their gradients have the channels first, as everywhere.

import { transposed } from "./matrix.js";
import { Network } from "./network.js";
import { Product } from "./product.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Image } from "./types.d.ts" */

/**
 * Where a convolution's outputs look: the upper left corner of each, row after row.
 *
 * @param {{ rows: number, columns: number, stride: number }} size
 * @returns {[number, number][]}
 */
export function everyPlace({ rows, columns, stride }) {
  return Array.from({ length: rows * columns }, (_, i) => [stride * Math.floor(i / columns), stride * (i % columns)]);
}

/** Convolution: (height, width, inputs) to sums (places, channels). */
export class Convolution {
  /**
   * @param {Float64Array} weight - (outputs, inputs, side, side)
   * @param {Float64Array} bias - (outputs)
   * @param {{ inputs: number, height: number, width: number, padding: number, corners: [number, number][] }} size -
   *   zeros around the input, and the row and column among them where each output begins to look
   */
  constructor(weight, bias, { inputs, height, width, padding, corners }) {
    const outputs = bias.length;
    const size = weight.length / outputs; // of what one output looks at
    this.side = Math.round(Math.sqrt(size / inputs));
    this.run = this.side * inputs; // neighbours in a row of the input that an output looks at
    this.height = height;
    this.row = width * inputs; // numbers in a row of the input
    this.gradient = new Float64Array(height * this.row);

    // Input and gradient with zeros around them, so that no place needs to know where the edge is.
    this.paddedRow = (width + 2 * padding) * inputs;
    this.corner = padding * (this.paddedRow + inputs); // where the picture begins
    this.padded = new Float64Array((height + 2 * padding) * this.paddedRow);
    this.paddedGradient = new Float64Array(this.padded.length);
    this.places = Int32Array.from(corners, ([y, x]) => y * this.paddedRow + x * inputs);

    const ordered = new Float64Array(weight.length); // (outputs, side, side, inputs)
    for (let o = 0; o < outputs; o++) {
      ordered.set(transposed(weight.subarray(o * size, (o + 1) * size), inputs, this.side ** 2), o * size);
    }
    this.there = new Product(corners.length, size, transposed(ordered, outputs, size));
    this.back = new Product(corners.length, outputs, ordered);
    /** How many sums a place has: the outputs, and zeros up to a multiple of 4. */
    this.channels = this.there.stride;
    this.bias = new Float64Array(this.channels);
    this.bias.set(bias);
  }

  /** @param {Float64Array} input */
  forward(input) {
    const { padded, corner, row, paddedRow, height, bias, places, side, run, there } = this;
    for (let y = 0; y < height; y++) padded.set(input.subarray(y * row, (y + 1) * row), corner + y * paddedRow);
    for (let p = 0, to = 0; p < places.length; p++) {
      for (let y = 0, from = places[p]; y < side; y++, from += paddedRow) {
        for (let x = 0; x < run; x++) there.a[to++] = padded[from + x];
      }
    }
    for (let at = 0; at < there.c.length; at += bias.length) there.c.set(bias, at);
    there.run();
    return there.c;
  }

  /**
   * The gradient (height, width, inputs) with respect to the input.
   *
   * @param {Float64Array} slope - (places, outputs), with respect to the sums
   */
  backward(slope) {
    const { gradient, corner, row, paddedRow, height, places, side, run, back } = this;
    back.a.set(slope);
    back.c.fill(0);
    back.run();
    const padded = this.paddedGradient.fill(0);
    for (let p = 0; p < places.length; p++) {
      for (let y = 0, from = p * back.stride, to = places[p]; y < side; y++, to += paddedRow) {
        for (let x = 0; x < run; x++) padded[to + x] += back.c[from++];
      }
    }
    for (let y = 0; y < height; y++) {
      const from = corner + y * paddedRow;
      gradient.set(padded.subarray(from, from + row), y * row);
    }
    return gradient;
  }
}

/** A classifier whose first layers are convolutions. */
export class ConvolutionalNetwork extends Network {
  /**
   * @override
   * @param {Image} image
   */
  forward(image) {
    return super.forward(transposed(image, channelsOf(this.shape), this.#pixels));
  }

  /**
   * @override
   * @param {Float64Array} slope
   */
  backward(slope) {
    return transposed(super.backward(slope), this.#pixels, channelsOf(this.shape));
  }

  get #pixels() {
    const [height, width] = planeOf(this.shape);
    return height * width;
  }
}
