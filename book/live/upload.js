// A reader's own picture, processed like the classifier's training images. It never leaves the page.

import { contextOf } from "./pixels.js";
import { channelsOf, planeOf } from "./shape.js";

/** @import { Image, ImageShape, Shape } from "./types.d.ts" */

const LARGEST_FILE = 25e6; // bytes
const WORKING_SIDE = 256; // pixels; larger pictures are reduced to it first

/** A problem whose message is shown to the reader. */
export class UploadError extends Error {}

/**
 * Read a picture file as an image of the given shape, grey or in red, green and blue.
 *
 * Digits are made as MNIST's were: white on black, the ink's box scaled to 20 × 20 pixels, its centre of mass in the
 * middle. Other pictures are cropped to the shape's proportions and scaled.
 *
 * @param {File} file
 * @param {ImageShape} shape
 * @param {{ digit: boolean }} options
 */
export async function readPicture(file, shape, { digit }) {
  if (file.size === 0) throw new UploadError(`${file.name} is empty; please choose a picture.`);
  if (file.size > LARGEST_FILE) {
    throw new UploadError(`${file.name} has ${Math.round(file.size / 1e6)} MB; please choose a picture below 25 MB.`);
  }
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new UploadError(`${file.name} cannot be read as a picture; please choose a PNG, JPEG, WebP or GIF file.`);
  });
  const { width, height } = bitmap;
  const plane = planeOf(shape);
  if (digit) {
    const scale = Math.min(1, WORKING_SIDE / Math.max(width, height));
    /** @type {Shape} */
    const size = [Math.max(Math.round(height * scale), 1), Math.max(Math.round(width * scale), 1)];
    return likeMnist(greyOf(coloursOf(bitmap, [0, 0, height, width], size)), size, plane);
  }
  const fit = Math.min(height / plane[0], width / plane[1]);
  const [tall, wide] = [fit * plane[0], fit * plane[1]];
  const colours = coloursOf(bitmap, [(height - tall) / 2, (width - wide) / 2, tall, wide], plane);
  return channelsOf(shape) === 3 ? colours : greyOf(colours);
}

/**
 * Make an image as MNIST's are from a picture of a digit.
 *
 * @param {Image} grey - the picture
 * @param {Shape} size - of the picture
 * @param {Shape} shape - of the image
 */
export function likeMnist(grey, [height, width], shape) {
  // White on black: the border shows the paper.
  const border = grey.filter((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
  const paper = border.sort()[border.length >> 1];
  const ink = grey.map((value) => Math.abs(value - paper));
  const most = ink.reduce((a, b) => Math.max(a, b), 0);
  if (most < 0.1) throw new UploadError("This picture is blank; please choose one with a digit.");
  const clean = ink.map((value) => Math.min(Math.max((value / most - 0.2) / 0.6, 0), 1));

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
