// The shape of an image: its height and width, and in colour before them the number of its channels, as in inpaintlib.
//
// An image's channels are stored one after the other. Its hole has one channel, which all of them share: the pixel of
// number i is missing where `hole[i % hole.length]` is 1.

/** @import { ImageShape, Shape } from "./types.d.ts" */

/**
 * The height and width of an image, which are the shape of its hole.
 *
 * @param {ImageShape} shape
 * @returns {Shape}
 */
export function planeOf(shape) {
  const [height, width] = shape.slice(-2);
  return [height, width];
}

/**
 * How many channels an image has: 1 if it is grey.
 *
 * @param {ImageShape} shape
 */
export const channelsOf = (shape) => (shape.length === 3 ? shape[0] : 1);

/**
 * How many numbers an image has: its pixels in every channel.
 *
 * @param {ImageShape} shape
 */
export const lengthOf = (shape) => shape.reduce((product, length) => product * length, 1);
