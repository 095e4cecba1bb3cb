// The holes that a panel makes itself, beside those of the manifest.

import { lengthOf } from "./shape.js";

/** @import { Hole, Image, Shape } from "./types.d.ts" */

/**
 * A hole of the pixels for which a function is true.
 *
 * @param {Shape} shape
 * @param {(row: number, column: number) => boolean} missing
 * @returns {Hole}
 */
export function where(shape, missing) {
  const [, width] = shape;
  return Uint8Array.from({ length: lengthOf(shape) }, (_, i) => Number(missing(Math.floor(i / width), i % width)));
}

/**
 * @param {Shape} shape
 * @param {number[]} rectangle - top, left, height and width
 */
export const rectangle = (shape, [top, left, height, width]) => where(shape, (row, column) =>
  row >= top && row < top + height && column >= left && column < left + width);

/**
 * @param {Shape} shape
 * @param {[row: number, column: number]} centre
 * @param {number} side
 */
export const square = (shape, [middle, centre], side) => where(shape, (row, column) =>
  Math.abs(row + 0.5 - middle) < side / 2 && Math.abs(column + 0.5 - centre) < side / 2);

/**
 * Where an image is darker than a value in every channel.
 *
 * @param {Shape} shape
 * @param {Image} image
 * @param {number} value
 */
export function dark(shape, image, value) {
  const hole = new Uint8Array(lengthOf(shape)).fill(1);
  image.forEach((each, i) => { if (each >= value) hole[i % hole.length] = 0; });
  return hole;
}
