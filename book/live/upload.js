// A reader's own picture, processed like the classifier's training images. It never leaves the page.

import { contextOf } from "./pixels.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Image, ImageShape, Shape } from "./types.d.ts" */

const LARGEST_FILE = 25e6; // bytes
const WORKING_SIDE = 256; // pixels; larger pictures are reduced to it first

/** A problem whose message is shown to the reader. */
export class UploadError extends Error {
  /** @override */
  name = "UploadError";
}

/**
 * Open a picture file.
 *
 * @param {File} file
 */
export async function opened(file) {
  if (file.size === 0) throw new UploadError(`${file.name} is empty; please choose a picture.`);
  if (file.size > LARGEST_FILE) {
    throw new UploadError(`${file.name} has ${Math.round(file.size / 1e6)} MB; please choose a picture below 25 MB.`);
  }
  return createImageBitmap(file).catch(() => {
    throw new UploadError(`${file.name} cannot be read as a picture; please choose a PNG, JPEG, WebP or GIF file.`);
  });
}

/**
 * A part of a picture as an image of the given shape, grey or in red, green and blue.
 *
 * @param {ImageBitmap} bitmap
 * @param {[top: number, left: number, height: number, width: number]} part
 * @param {ImageShape} shape
 */
export function scaled(bitmap, part, shape) {
  const colours = coloursOf(bitmap, part, planeOf(shape));
  return channelsOf(shape) === 3 ? colours : greyOf(colours);
}

/**
 * A part of a picture in grey, small enough to work on, with its size.
 *
 * @param {ImageBitmap} bitmap
 * @param {[top: number, left: number, height: number, width: number]} part
 */
export function working(bitmap, part) {
  const [, , height, width] = part;
  const scale = Math.min(1, WORKING_SIDE / Math.max(width, height));
  /** @type {Shape} */
  const size = [Math.max(Math.round(height * scale), 1), Math.max(Math.round(width * scale), 1)];
  return { grey: greyOf(coloursOf(bitmap, part, size)), size };
}

/**
 * Whether a picture of a digit is light on dark: strokes are few, and far from the mean around them.
 *
 * @param {Image} grey
 * @param {Shape} size
 */
export function isLightOnDark(grey, [height, width]) {
  const reach = reachOf([height, width]);
  const around = grey.slice();
  eachLine([height, width], (places) => mean(around, places, reach));
  return grey.reduce((sum, value, i) => sum + ((value - around[i]) / Math.max(around[i], 0.1)) ** 3, 0) > 0;
}

/**
 * Make an image as MNIST's are from a picture of a digit: white on black, the ink's box scaled to 20 × 20 pixels, its
 * centre of mass in the middle.
 *
 * The ground is what remains when everything narrower than a quarter of the picture is taken away (a closing), so that
 * uneven light does no harm, and neither does a table beside the paper.
 *
 * @param {Image} grey - the picture
 * @param {Shape} size - of the picture
 * @param {Shape} shape - of the image
 * @param {{ light?: boolean, threshold?: number }} [options] - whether it is light on dark, and the share of the
 *   strongest ink at which a pixel is half ink
 */
export function likeMnist(grey, [height, width], shape, { light = false, threshold = 0.5 } = {}) {
  const dark = light ? grey.map((value) => 1 - value) : grey;
  const reach = reachOf([height, width]);
  const ground = dark.slice();
  eachLine([height, width], (places) => largest(ground, places, reach, 1));
  eachLine([height, width], (places) => largest(ground, places, reach, -1));
  const ink = dark.map((value, i) => (ground[i] - value) / Math.max(ground[i], 0.2));
  const most = ink.reduce((a, b) => Math.max(a, b), 0);
  if (most < 0.15) throw new UploadError("This picture is blank; please choose one with a digit.");
  const soft = ink.map((value) => Math.min(Math.max((value / most - threshold + 0.3) / 0.6, 0), 1));
  const clean = withoutSpecks(soft, [height, width]);
  const share = clean.reduce((sum, value) => sum + value, 0) / clean.length;
  if (share > 0.4) {
    throw new UploadError(
      "Too much of this part is ink: the light may be too uneven. Choose another part or threshold.",
    );
  }

  let [top, left, bottom, right] = [height, width, -1, -1];
  clean.forEach((value, i) => {
    if (value < 0.3) return;
    const [row, column] = [Math.floor(i / width), i % width];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  });
  const scale = Math.max(bottom - top + 1, right - left + 1) / 20; // pixels of the picture for one of the image
  /**
   * The mean of the picture's pixels that one pixel of the image covers.
   *
   * @param {number} row
   * @param {number} column
   */
  const box = (row, column) => {
    let [sum, count] = [0, 0];
    for (let i = Math.floor(row); i < Math.max(row + scale, Math.floor(row) + 1); i++) {
      for (let j = Math.floor(column); j < Math.max(column + scale, Math.floor(column) + 1); j++) {
        count++;
        if (i >= 0 && i < height && j >= 0 && j < width) sum += clean[i * width + j];
      }
    }
    return sum / count;
  };
  let [mass, rows, columns] = [0, 0, 0];
  clean.forEach((value, i) => {
    mass += value;
    rows += value * (Math.floor(i / width) + 0.5);
    columns += value * ((i % width) + 0.5);
  });
  const [middleRow, middleColumn] = [rows / mass, columns / mass];
  return Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => {
    const [row, column] = [Math.floor(i / shape[1]), i % shape[1]];
    return box(middleRow + (row - shape[0] / 2) * scale, middleColumn + (column - shape[1] / 2) * scale);
  });
}

/**
 * An eighth of a picture: strokes are narrower than twice that.
 *
 * @param {Shape} shape
 */
const reachOf = ([height, width]) => Math.max(Math.round(Math.min(height, width) / 8), 2);

/**
 * Visit the rows, then the columns, of an image: the places of their pixels.
 *
 * @param {Shape} shape
 * @param {(places: number[]) => void} visit
 */
function eachLine([height, width], visit) {
  for (let row = 0; row < height; row++) visit(Array.from({ length: width }, (_, x) => row * width + x));
  for (let column = 0; column < width; column++) visit(Array.from({ length: height }, (_, y) => y * width + column));
}

/**
 * Replace each pixel of a line by the largest one within reach; with sign −1, by the smallest.
 *
 * @param {Image} image
 * @param {number[]} places
 * @param {number} reach
 * @param {number} sign
 */
function largest(image, places, reach, sign) {
  const line = places.map((place) => sign * image[place]);
  /** @type {number[]} the candidates within reach: later ones are smaller */
  const best = [];
  let first = 0;
  for (let i = 0; i < line.length + reach; i++) {
    while (i < line.length && best.length > first && line[best[best.length - 1]] <= line[i]) best.pop();
    if (i < line.length) best.push(i);
    if (i < reach) continue;
    while (best[first] < i - 2 * reach) first++;
    image[places[i - reach]] = sign * line[best[first]];
  }
}

/**
 * Replace each pixel of a line by the mean of those within reach.
 *
 * @param {Image} image
 * @param {number[]} places
 * @param {number} reach
 */
function mean(image, places, reach) {
  const sums = [0];
  for (const place of places) sums.push(sums[sums.length - 1] + image[place]);
  places.forEach((place, i) => {
    const [from, to] = [Math.max(i - reach, 0), Math.min(i + reach + 1, places.length)];
    image[place] = (sums[to] - sums[from]) / (to - from);
  });
}

/**
 * Ink without specks, and without what comes in from the border, if there is more: the edge of the paper, a line.
 *
 * @param {Image} ink - in [0, 1]
 * @param {Shape} shape
 */
function withoutSpecks(ink, [height, width]) {
  const parts = new Int32Array(ink.length); // the number of each pixel's part; 0 where there is no ink
  /** @type {{ mass: number, border: boolean }[]} */
  const found = [{ mass: 0, border: false }];
  ink.forEach((value, first) => {
    if (value < 0.3 || parts[first]) return;
    const part = { mass: 0, border: false };
    const waiting = [first];
    parts[first] = found.push(part) - 1;
    while (waiting.length) {
      const i = /** @type {number} */ (waiting.pop());
      const [row, column] = [Math.floor(i / width), i % width];
      part.mass += ink[i];
      part.border ||= row === 0 || column === 0 || row === height - 1 || column === width - 1;
      for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, height - 1); y++) {
        for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, width - 1); x++) {
          const next = y * width + x;
          if (ink[next] < 0.3 || parts[next]) continue;
          parts[next] = parts[first];
          waiting.push(next);
        }
      }
    }
  });
  const inside = found.some(({ mass, border }) => mass > 0.002 * ink.length && !border);
  const kept = found.map((part) => part.mass > 0 && !(inside && part.border));
  const heaviest = found.reduce((most, { mass }, i) => (kept[i] ? Math.max(most, mass) : most), 0);
  return ink.map((value, i) => (kept[parts[i]] && found[parts[i]].mass >= 0.1 * heaviest ? value : 0));
}

/**
 * A part of a bitmap in red, green and blue, scaled to a size.
 *
 * @param {ImageBitmap} bitmap
 * @param {[top: number, left: number, height: number, width: number]} part
 * @param {Shape} size
 */
function coloursOf(bitmap, [top, left, tall, wide], [height, width]) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { height, width });
  const context = contextOf(canvas, { willReadFrequently: true });
  context.fillStyle = "white"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, wide, tall, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = height * width;
  return Float64Array.from({ length: 3 * pixels }, (_, i) => data[4 * (i % pixels) + Math.floor(i / pixels)] / 255);
}

/**
 * The grey values of an image in red, green and blue.
 *
 * @param {Image} colours
 * @returns {Image}
 */
function greyOf(colours) {
  const pixels = colours.length / 3;
  return Float64Array.from({ length: pixels }, (_, i) =>
    0.299 * colours[i] + 0.587 * colours[pixels + i] + 0.114 * colours[2 * pixels + i]);
}
