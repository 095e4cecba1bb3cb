// The classifier: a LeNet's scores, and the gradient of a penalty of them with respect to the image.
//
// Two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers (paper section 4.1).
// Counterpart: inpaintlib.classifiers.LeNet and what torch.autograd makes of it.
//
// A stack of channels is kept as (channels, height, width) on the way forward. Its gradient is kept as
// (height, width, channels), since that is the order in which the way back touches it.

const SIDE = 5; // of a convolution's kernels

/** Convolution, 2×2 max-pooling, ReLU: (inputs, height, width) to (outputs, rows, columns). */
class Convolution {
  /** @param weight (outputs, inputs, 5, 5) and @param bias (outputs), Float64Arrays. */
  constructor(weight, bias, inputs, height, width) {
    const outputs = bias.length;
    // What a last odd row or column would give is never pooled.
    const rows = (height - SIDE + 1) >> 1;
    const columns = (width - SIDE + 1) >> 1;
    Object.assign(this, { weight, bias, inputs, outputs, height, width, rows, columns });
    this.plane = new Float64Array(4 * rows * columns); // one channel before pooling
    this.output = new Float64Array(outputs * rows * columns);
    this.winner = new Int32Array(this.output.length); // which of each window's four is the largest, 0 to 3
    this.gradient = new Float64Array(height * width * inputs);
    this.backward_weight = new Float64Array(weight.length); // (outputs, 5, 5, inputs)
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let k = 0; k < SIDE * SIDE; k++) {
          this.backward_weight[(o * SIDE * SIDE + k) * inputs + i] = weight[(o * inputs + i) * SIDE * SIDE + k];
        }
      }
    }
  }

  forward(input) {
    const { plane, weight, inputs, height, width, rows, columns } = this;
    const across = 2 * columns;
    for (let o = 0; o < this.outputs; o++) {
      plane.fill(this.bias[o]);
      for (let i = 0; i < inputs; i++) {
        for (let k = 0; k < SIDE; k++) {
          const w = ((o * inputs + i) * SIDE + k) * SIDE;
          const [w0, w1, w2, w3, w4] = [weight[w], weight[w + 1], weight[w + 2], weight[w + 3], weight[w + 4]];
          for (let y = 0; y < 2 * rows; y++) {
            let from = (i * height + y + k) * width;
            const end = (y + 1) * across;
            // The five pixels under the kernel's row, moved on by one in each turn.
            let [a, b, c, d] = [input[from], input[from + 1], input[from + 2], input[from + 3]];
            from += 4;
            for (let to = y * across; to < end; to++) {
              const e = input[from++];
              plane[to] += w0 * a + w1 * b + w2 * c + w3 * d + w4 * e;
              a = b;
              b = c;
              c = d;
              d = e;
            }
          }
        }
      }
      this.#pool(o);
    }
    return this.output;
  }

  /** Keep the largest of each 2×2 window, the first of equal ones as torch does, and cut it off below 0. */
  #pool(o) {
    const { plane, output, winner, rows, columns } = this;
    const across = 2 * columns;
    let to = o * rows * columns;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, to++) {
        const from = 2 * (y * across + x);
        let largest = plane[from];
        let which = 0;
        if (plane[from + 1] > largest) [largest, which] = [plane[from + 1], 1];
        if (plane[from + across] > largest) [largest, which] = [plane[from + across], 2];
        if (plane[from + across + 1] > largest) [largest, which] = [plane[from + across + 1], 3];
        output[to] = largest > 0 ? largest : 0;
        winner[to] = which;
      }
    }
  }

  /**
   * The gradient (height, width, inputs) with respect to the input.
   * @param slope of the output's elements; element o, y, x is at o * channel + (y * columns + x) * pixel.
   */
  backward(slope, channel, pixel) {
    const { gradient, output, winner, inputs, rows, columns, width } = this;
    const weight = this.backward_weight;
    const span = SIDE * inputs; // a kernel's row lies in one piece, and so does what it reaches
    gradient.fill(0);
    for (let o = 0; o < this.outputs; o++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const place = y * columns + x;
          const at = o * rows * columns + place;
          const g = slope[o * channel + place * pixel];
          if (output[at] <= 0 || g === 0) continue; // ReLU lets nothing back where it cut off
          const top = 2 * y + (winner[at] >> 1);
          const left = 2 * x + (winner[at] & 1);
          for (let k = 0; k < SIDE; k++) {
            const to = ((top + k) * width + left) * inputs;
            const from = (o * SIDE + k) * span;
            for (let j = 0; j < span; j++) gradient[to + j] += g * weight[from + j];
          }
        }
      }
    }
    return gradient;
  }
}

/** A dense layer, with ReLU unless it is the last. */
class Dense {
  /** @param weight (outputs, inputs) and @param bias (outputs), Float64Arrays. */
  constructor(weight, bias, last) {
    const inputs = weight.length / bias.length;
    Object.assign(this, { weight, bias, last, inputs });
    this.output = new Float64Array(bias.length);
    this.gradient = new Float64Array(inputs);
  }

  forward(input) {
    const { weight, bias, output, inputs, last } = this;
    for (let o = 0, w = 0; o < output.length; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += weight[w++] * input[i];
      output[o] = last || sum > 0 ? sum : 0;
    }
    return output;
  }

  /** The gradient with respect to the input, given that with respect to the output. */
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
   * @param description {name, shape: [height, width], classes: [names], data}, as in the manifest
   * @param tensors weights by PyTorch's names, Float64Arrays
   */
  constructor({ name, shape, classes, data }, tensors) {
    Object.assign(this, { name, shape, classes, data });
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
  }

  /** The raw scores (classes) of an image (height, width); the array is used again by the next call. */
  forward(image) {
    return [...this.convolutions, ...this.dense].reduce((values, layer) => layer.forward(values), image);
  }

  /** The gradient (height, width) of a penalty, given its slope (classes) at the scores of the last forward. */
  backward(slope) {
    for (const layer of this.dense.toReversed()) slope = layer.backward(slope);
    const [first, second] = this.convolutions;
    const between = second.backward(slope, this.pixels, 1);
    return first.backward(between, 1, first.outputs);
  }

  /** The class probabilities of an image, softmax, as a new array. */
  probabilities(image) {
    return softmax(this.forward(image));
  }
}

/** exp(s_k) / sum of exp(s_j), as a new array. */
export function softmax(scores) {
  const largest = Math.max(...scores);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
