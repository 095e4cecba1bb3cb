// The classifier's input in one step: the shifted image, or windows of it (paper section 3.4).
//
// The gradient is shifted back by the exact inverse, so the image itself never moves.
// Counterpart: inpaintlib.descent.

/** @import { Generator } from "./random.js" */
/** @import { Image, Settings, Shape } from "./types.d.ts" */

/** One step's shift and windows. Without jitter and patches nothing is drawn, and the view is the image itself. */
export class Views {
  /**
   * @param {Shape} shape - of each channel
   * @param {Pick<Settings, "jitter" | "patches" | "window_sides">} recipe
   * @param {Generator} generator
   */
  constructor(shape, { jitter, patches, window_sides: sides }, generator) {
    const moves = jitter > 0 || patches > 0;
    this.shape = shape;
    this.shift = moves ? [generator.integer(-jitter, jitter + 1), generator.integer(-jitter, jitter + 1)] : [0, 0];
    this.windows = randomWindows(patches, shape, sides, generator);
  }

  /** The number of views. */
  get count() {
    return Math.max(this.windows.length, 1);
  }

  /**
   * Write view number `index` of an image to `view`.
   *
   * @param {Image} image
   * @param {number} index
   * @param {Image} view
   */
  show(image, index, view) {
    view.fill(0);
    this.#walk(index, image.length, (here, there) => { view[there] = image[here]; });
  }

  /**
   * Add to `gradient` the slope with respect to view number `index`, times `weight`.
   *
   * @param {Float64Array} slope
   * @param {number} index
   * @param {number} weight
   * @param {Float64Array} gradient
   */
  back(slope, index, weight, gradient) {
    this.#walk(index, slope.length, (here, there) => { gradient[here] += weight * slope[there]; });
  }

  /**
   * Visit each pixel that the view shows, in every channel: its place in the image, and its place in the view.
   *
   * @param {number} index
   * @param {number} length - how many numbers the image has
   * @param {(here: number, there: number) => void} visit
   */
  #walk(index, length, visit) {
    const [height, width] = this.shape;
    const [down, right] = this.shift;
    const { top, left, side } = this.windows[index] ?? { top: 0, left: 0, side: Infinity };
    const bottom = Math.min(top + side, height);
    const end = Math.min(left + side, width);
    for (let channel = 0; channel < length; channel += height * width) {
      for (let y = top; y < bottom; y++) {
        const here = channel + modulo(y - down, height) * width;
        const there = channel + y * width;
        for (let x = left; x < end; x++) visit(here + modulo(x - right, width), there + x);
      }
    }
  }
}

/**
 * Draw square windows of random side and place; the order of the draws is that of inpaintlib.descent.random_windows.
 *
 * @param {number} count
 * @param {Shape} shape
 * @param {Settings["window_sides"]} sides
 * @param {Generator} generator
 */
function randomWindows(count, [height, width], [smallest, largest], generator) {
  const sides = Array.from({ length: count }, () => generator.integer(smallest, largest + 1));
  /** @param {number} length */
  const places = (length) => sides.map((side) => Math.trunc(Math.fround(generator.single() * (length - side + 1))));
  const tops = places(height);
  const lefts = places(width);
  return sides.map((side, i) => ({ side, top: tops[i], left: lefts[i] }));
}

/**
 * @param {number} value
 * @param {number} length
 */
function modulo(value, length) {
  return ((value % length) + length) % length;
}
