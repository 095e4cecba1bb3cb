// The starts: the first guess inside the hole (paper section 3.3).
//
// Each returns a new image that differs from the given one inside the hole only, and does not depend on the given
// values there. In colour, all channels share the hole. Counterpart: inpaintlib.starts.

import { grow } from "./terms.js";

/** @import { Hole, Image, Shape, Start } from "./types.d.ts" */

const RING = 4; // pixels around the hole that the class average's brightness is fitted to
const LARGEST_GAIN = 3; // of that brightness
const REACH = 3; // pixels from the hole over which the weight of a known pixel falls, in the fit of a mixture of parts
const RIDGE = 0.1; // penalty on the weights of a mixture of parts

/**
 * The starts by the names that recipes use.
 *
 * @type {Record<string, Start>}
 */
export const STARTS = {
  constant: ({ image, hole, recipe }) => fill(image, hole, () => recipe.start_value),

  noise({ image, hole, generator }) {
    const draw = Float64Array.from(image, () => generator.double());
    return fill(image, hole, (i) => draw[i]);
  },

  /** Each missing pixel is the mean of its neighbours: the discrete Laplace equation. */
  harmonic({ image, hole, shape }) {
    if (all(hole)) {
      throw new Error(
        "start: got 'harmonic' with a hole that covers everything, wanted a known pixel to start from; "
          + "use 'class-average', 'noise' or 'constant'",
      );
    }
    const solved = solveLaplace(image, hole, shape);
    return fill(image, hole, (i) => clip(solved[i]));
  },

  "class-average"({ image, hole, averages }) {
    const average = needed("averages", averages);
    return fill(image, hole, (i) => average[i]);
  },

  /** The class average, as bright as the image around the hole and without a seam. */
  "blended-class-average"({ image, hole, shape, averages }) {
    const average = needed("averages", averages);
    const gain = all(hole) ? 1 : gainAround(image, hole, shape, average);
    return withoutSeam(image, hole, shape, average.map((value) => gain * value));
  },

  /** The mixture of part averages (parts × image) that fits best around the hole, without a seam. */
  "part-mixture"({ image, hole, shape, parts: given }) {
    const parts = needed("parts", given);
    const size = image.length;
    const count = parts.length / size;
    const weights = all(hole) ? new Float64Array(count).fill(1 / count) : mixtureWeights(image, hole, shape, parts);
    const mixture = image.map((_, i) =>
      clip(weights.reduce((sum, weight, part) => sum + weight * parts[part * size + i], 0)));
    return withoutSeam(image, hole, shape, mixture);
  },
};

/**
 * Return the averages that a start needs.
 *
 * @param {"averages" | "parts"} name
 * @param {Float64Array | undefined} values
 */
function needed(name, values) {
  if (values === undefined) throw new Error(`${name}: got none, wanted those of the label`);
  return values;
}

/** @param {Hole} hole */
const all = (hole) => hole.every((missing) => missing);

/** @param {number} value */
const clip = (value) => Math.min(Math.max(value, 0), 1);

/**
 * @param {Image} image
 * @param {Hole} hole
 * @param {(i: number) => number} value
 */
const fill = (image, hole, value) => image.map((known, i) => (hole[i % hole.length] ? value(i) : known));

/**
 * Fill the hole with a guess plus a harmonic correction, which makes it continuous along the hole's rim.
 *
 * @param {Image} image
 * @param {Hole} hole
 * @param {Shape} shape
 * @param {Image} guess
 */
function withoutSeam(image, hole, shape, guess) {
  const wrong = image.map((known, i) => known - guess[i]);
  const spread = all(hole) ? new Float64Array(image.length) : solveLaplace(wrong, hole, shape);
  return fill(image, hole, (i) => clip(guess[i] + spread[i]));
}

/**
 * The brightness of the image relative to the class average, within RING of the hole: the least-squares gain.
 *
 * @param {Image} image
 * @param {Hole} hole
 * @param {Shape} shape
 * @param {Image} average
 */
function gainAround(image, hole, shape, average) {
  const near = grow(hole, shape, RING);
  let [product, square] = [0, 0];
  const ring = near.map((inside, i) => inside & (1 - hole[i]));
  for (let i = 0; i < image.length; i++) {
    if (!ring[i % ring.length]) continue;
    product += image[i] * average[i];
    square += average[i] ** 2;
  }
  return Math.min(product / Math.max(square, 1e-6), LARGEST_GAIN);
}

/**
 * arg min over c ≥ 0 of ‖W (A c − x)‖² + ρ ‖c‖² over the known pixels, W falling with their distance from the hole.
 *
 * @param {Image} image
 * @param {Hole} hole
 * @param {Shape} shape
 * @param {Float64Array} parts - (parts × image)
 */
function mixtureWeights(image, hole, [height, width], parts) {
  const size = height * width;
  /** @type {[y: number, x: number][]} */
  const missing = [];
  for (let i = 0; i < size; i++) if (hole[i]) missing.push([Math.floor(i / width), i % width]);
  const counts = new Float64Array(size); // 0 inside the hole
  for (let i = 0; i < size; i++) {
    if (hole[i]) continue;
    let nearest = Infinity;
    const [row, column] = [Math.floor(i / width), i % width];
    for (const [y, x] of missing) nearest = Math.min(nearest, (y - row) ** 2 + (x - column) ** 2);
    counts[i] = Math.exp(-Math.sqrt(nearest) / (2 * REACH));
  }
  /** @param {Float64Array} values - shaped like the image */
  const counted = (values) => values.map((value, i) => counts[i % size] * value);
  const columns = Array.from({ length: parts.length / image.length }, (_, part) =>
    counted(parts.subarray(part * image.length, (part + 1) * image.length)));
  return nonNegativeLeastSquares(columns, counted(image), RIDGE);
}

/**
 * arg min over c ≥ 0 of ‖A c − b‖² + ρ ‖c‖², A given by its columns: Lawson and Hanson's active sets.
 * A positive ρ makes the answer unique, so it is the one that scipy.optimize.nnls finds.
 *
 * @param {Float64Array[]} columns - of A
 * @param {Float64Array} wanted - b
 * @param {number} ridge - ρ
 */
export function nonNegativeLeastSquares(columns, wanted, ridge) {
  const count = columns.length;
  const gram = columns.map((a, i) => columns.map((b, j) => dot(a, b) + (i === j ? ridge : 0)));
  const target = columns.map((column) => dot(column, wanted));
  const tolerance = 1e-13 * Math.max(...target.map(Math.abs));
  /** @type {Set<number>} the weights that may be positive */
  const free = new Set();
  let weights = new Float64Array(count);
  for (let turn = 0; turn < 3 * count; turn++) {
    const slope = descentDirection();
    let best = -1;
    for (let j = 0; j < count; j++) if (!free.has(j) && (best < 0 || slope[j] > slope[best])) best = j;
    if (best < 0 || slope[best] <= tolerance) break;
    free.add(best);
    for (;;) {
      // Go towards the solution until the first weight is 0, and fix that one there.
      const solved = solveFree(target);
      let [step, first] = [1, -1];
      for (const j of free) {
        const reach = solved[j] > 0 ? 1 : weights[j] / (weights[j] - solved[j] || 1);
        if (reach < step) [step, first] = [reach, j];
      }
      weights = weights.map((weight, j) => weight + step * (solved[j] - weight));
      if (first < 0) break;
      weights[first] = 0;
      free.delete(first);
    }
  }
  // A second solve for the residual: the normal equations lose half of the digits.
  const rest = solveFree(descentDirection());
  return weights.map((weight, j) => weight + rest[j]);

  /** Aᵀ (b − A c) − ρ c. */
  function descentDirection() {
    const left = wanted.map((value, row) => columns.reduce((sum, column, j) => sum - weights[j] * column[row], value));
    return columns.map((column, j) => dot(column, left) - ridge * weights[j]);
  }

  /**
   * Solve the normal equations of the free weights; the others get 0.
   *
   * @param {ArrayLike<number>} right
   */
  function solveFree(right) {
    const those = [...free];
    const solution = solveBanded(
      those.map((i, row) => Float64Array.from(those.slice(0, row + 1), (j) => gram[i][j])),
      those.map((j) => right[j]),
    );
    const full = new Float64Array(count);
    those.forEach((j, row) => { full[j] = solution[row]; });
    return full;
  }
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Solve the Laplace equation inside the hole, with the known pixels as boundary values; the edge is free.
 *
 * @param {Image} image - each channel is solved by itself
 * @param {Hole} hole
 * @param {Shape} shape
 */
function solveLaplace(image, hole, shape) {
  const solved = new Float64Array(image.length);
  for (let channel = 0; channel < image.length; channel += hole.length) {
    solved.set(solveChannel(image.subarray(channel, channel + hole.length), hole, shape), channel);
  }
  return solved;
}

/**
 * @param {Image} image - one channel
 * @param {Hole} hole
 * @param {Shape} shape
 */
function solveChannel(image, hole, [height, width]) {
  const missing = [...hole.keys()].filter((i) => hole[i]);
  const order = new Int32Array(image.length).fill(-1);
  missing.forEach((i, row) => { order[i] = row; });
  /** @type {Float64Array[]} */
  const rows = [];
  const right = missing.map((i, row) => {
    const x = i % width;
    const neighbours = [i - width, x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i + width].filter(
      (next) => next >= 0 && next < height * width,
    );
    // The row up to its diagonal, from the first missing neighbour on; the rest follows from symmetry.
    const before = neighbours.filter((next) => hole[next] && next < i).map((next) => order[next]);
    rows.push(new Float64Array(row - Math.min(row, ...before) + 1));
    for (const column of before) rows[row][column - row + rows[row].length - 1] = -1;
    rows[row][rows[row].length - 1] = neighbours.length;
    return neighbours.reduce((sum, next) => sum + (hole[next] ? 0 : image[next]), 0);
  });
  const solution = solveBanded(rows, right);
  return image.map((known, i) => (hole[i] ? solution[order[i]] : known));
}

/**
 * Solve a symmetric positive definite system by Cholesky factors.
 *
 * @param {Float64Array[]} rows - each row of the matrix up to its diagonal, without its leading zeros; overwritten
 * @param {number[]} right
 */
function solveBanded(rows, right) {
  const first = rows.map((row, i) => i - row.length + 1);
  const solution = Float64Array.from(right);
  for (let i = 0; i < rows.length; i++) {
    for (let j = first[i]; j <= i; j++) {
      let sum = rows[i][j - first[i]];
      for (let k = Math.max(first[i], first[j]); k < j; k++) sum -= rows[i][k - first[i]] * rows[j][k - first[j]];
      rows[i][j - first[i]] = j < i ? sum / rows[j][j - first[j]] : Math.sqrt(sum);
    }
    for (let j = first[i]; j < i; j++) solution[i] -= rows[i][j - first[i]] * solution[j];
    solution[i] /= rows[i][i - first[i]];
  }
  for (let i = rows.length - 1; i >= 0; i--) {
    solution[i] /= rows[i][i - first[i]];
    for (let j = first[i]; j < i; j++) solution[j] -= rows[i][j - first[i]] * solution[i];
  }
  return solution;
}
