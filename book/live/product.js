// The product of two matrices, which is what a convolution computes.
//
// Where the browser allows it, WebAssembly computes it, two numbers at a time. Where not (an old browser, or a content
// security policy without `wasm-unsafe-eval`), a loop does the same to the last bit, and takes several times longer.

import { BYTES } from "./multiply.js";

/**
 * C += A B, with places in numbers for A, B and C; otherwise as in multiply.wat.
 *
 * @typedef {(a: number, b: number, c: number, rows: number, inner: number, columns: number) => void} Multiply
 */

const NUMBER = Float64Array.BYTES_PER_ELEMENT;
const PAGE = 65536; // bytes: the unit of WebAssembly's memory

/** What multiply.wat compiles to, or null where that is not allowed. */
export const CODE = compiled();

function compiled() {
  try {
    return new WebAssembly.Module(BYTES);
  } catch {
    return null;
  }
}

/** C += A B for a B that stays the same; it holds the places for A and C. */
export class Product {
  /**
   * @param {number} rows
   * @param {number} inner - columns of A and rows of B
   * @param {Float64Array} b - (inner, columns)
   * @param {WebAssembly.Module | null} code
   */
  constructor(rows, inner, b, code = CODE) {
    const columns = b.length / inner;
    const fullRows = inFours(rows);
    const stride = inFours(columns);
    const atB = fullRows * inner;
    const atC = atB + inner * stride;
    const { numbers, multiply } = place(atC + fullRows * stride, code);
    const panels = numbers.subarray(atB, atC);
    for (let k = 0, from = 0; k < inner; k++) {
      for (let j = 0; j < columns; j++) panels[((j >> 2) * inner + k) * 4 + (j & 3)] = b[from++];
    }
    /** How many numbers a row of C has: the columns, and zeros up to a multiple of 4. */
    this.stride = stride;
    /** (rows, inner) */
    this.a = numbers.subarray(0, rows * inner);
    /** (rows, stride) */
    this.c = numbers.subarray(atC, atC + rows * stride);
    this.run = () => multiply(0, atB, atC, fullRows, inner, stride);
  }
}

/** @param {number} count */
const inFours = (count) => Math.ceil(count / 4) * 4;

/**
 * Numbers, and what multiplies matrices among them.
 *
 * @param {number} count
 * @param {WebAssembly.Module | null} code
 * @returns {{ numbers: Float64Array, multiply: Multiply }}
 */
function place(count, code) {
  const memory = code && memoryOf(count * NUMBER);
  if (!memory) {
    const numbers = new Float64Array(count);
    return { numbers, multiply: (...given) => multiplyAmong(numbers, ...given) };
  }
  const { exports } = new WebAssembly.Instance(code, { product: { memory } });
  const inBytes = /** @type {Multiply} */ (exports.multiply);
  return {
    numbers: new Float64Array(memory.buffer),
    multiply: (a, b, c, ...sizes) => inBytes(NUMBER * a, NUMBER * b, NUMBER * c, ...sizes),
  };
}

/**
 * Memory for WebAssembly, or null: a browser may have less of it than of other memory.
 *
 * @param {number} bytes
 */
function memoryOf(bytes) {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch {
    return null;
  }
}

/**
 * What multiply.wat does, in blocks of two rows and four columns: of six numbers, once read, come eight products, and
 * eight sums do not wait for one another.
 *
 * @param {Float64Array} numbers
 * @param {Parameters<Multiply>} given
 */
function multiplyAmong(numbers, ...[a, b, c, rows, inner, columns]) {
  for (let column = 0; column < columns; column += 4, b += 4 * inner) {
    for (let row = 0; row < rows; row += 2) {
      const to = c + row * columns + column;
      const next = to + columns;
      let c0 = numbers[to], c1 = numbers[to + 1], c2 = numbers[to + 2], c3 = numbers[to + 3];
      let d0 = numbers[next], d1 = numbers[next + 1], d2 = numbers[next + 2], d3 = numbers[next + 3];
      for (let k = 0, i = a + row * inner, j = i + inner, w = b; k < inner; k++, w += 4) {
        const x = numbers[i + k], y = numbers[j + k];
        const b0 = numbers[w], b1 = numbers[w + 1], b2 = numbers[w + 2], b3 = numbers[w + 3];
        c0 += x * b0; c1 += x * b1; c2 += x * b2; c3 += x * b3;
        d0 += y * b0; d1 += y * b1; d2 += y * b2; d3 += y * b3;
      }
      numbers[to] = c0; numbers[to + 1] = c1; numbers[to + 2] = c2; numbers[to + 3] = c3;
      numbers[next] = d0; numbers[next + 1] = d1; numbers[next + 2] = d2; numbers[next + 3] = d3;
    }
  }
}
