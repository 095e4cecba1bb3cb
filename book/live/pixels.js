// Pictures of the page: images and their holes on a canvas, and a brush that paints on them.

/** @import { Hole, Image, Shape } from "./types.d.ts" */

// Missing pixels are painted in the same orange as in the book's figures.
const HOLE = [230, 158, 0];

/** @type {Record<string, [rows: number, columns: number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * A canvas's context for drawing.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (context === null) throw new Error("This browser gives the page no canvas to draw on.");
  return context;
}

/** A canvas that shows an image, grey or in red, green and blue, and its hole if there is one. */
export class Pixels {
  /** @type {Shape} */
  shape = [1, 1];
  zoom = 1;
  element = document.createElement("canvas");
  #small = document.createElement("canvas"); // one canvas pixel for each of the image

  /** @param {string} words - description for those who do not see the picture */
  constructor(words) {
    this.element.className = "live-pixels";
    this.element.setAttribute("role", "img");
    this.say(words);
  }

  /**
   * Describe the picture for those who do not see it.
   *
   * @param {string} words
   */
  say(words) {
    this.element.setAttribute("aria-label", words);
  }

  /**
   * Set the height and width of the images that follow.
   *
   * @param {Shape} shape
   */
  resize(shape) {
    const [height, width] = shape;
    this.shape = shape;
    this.zoom = Math.round(448 / height);
    this.#small.height = height;
    this.#small.width = width;
    this.element.height = height * this.zoom;
    this.element.width = width * this.zoom;
  }

  /**
   * Draw an image; where `hole` is 1, the hole's colour instead.
   *
   * @param {Image} image
   * @param {Hole | null} [hole]
   */
  draw(image, hole = null) {
    const small = contextOf(this.#small);
    const drawn = small.createImageData(this.#small.width, this.#small.height);
    const pixels = drawn.width * drawn.height;
    for (let i = 0; i < pixels; i++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = image[(channel * pixels + i) % image.length]; // a grey image has one value for all three
        drawn.data[4 * i + channel] = hole !== null && hole[i] ? HOLE[channel] : 255 * value;
      }
      drawn.data[4 * i + 3] = 255;
    }
    small.putImageData(drawn, 0, 0);
    const context = contextOf(this.element);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#small, 0, 0, this.element.width, this.element.height);
  }
}

/**
 * A brush over a canvas: mouse, pen and finger, or the keyboard (arrows move, space paints, backspace erases).
 *
 * It paints with button 1, and erases with the shift key, with button 2, or always where `erases` is set.
 */
export class Brush {
  radius = 1;
  erases = false;
  /** @type {[row: number, column: number] | null} where the keyboard has moved it */
  place = null;
  #erasing = false; // in the current stroke

  /**
   * @param {Pixels} pixels
   * @param {object} actions
   * @param {(under: number[], on: boolean) => void} actions.paint - with the indices of the pixels under the brush
   * @param {() => void} actions.moved - when the brush's frame has to be drawn again
   * @param {(row: number, column: number) => void} actions.at - where the keyboard has moved the brush, or painted
   */
  constructor(pixels, { paint, moved, at }) {
    this.pixels = pixels;
    this.paint = paint;
    this.moved = moved;
    this.at = at;
    const canvas = pixels.element;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.classList.add("live-paintable");
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => {
      const [height, width] = this.pixels.shape;
      this.place ??= [height >> 1, width >> 1];
      this.moved();
    });
    canvas.addEventListener("blur", () => { this.place = null; this.moved(); });
  }

  /** Draw the brush's frame over the picture while the keyboard moves it. */
  drawFrame() {
    if (this.place === null) return;
    const context = contextOf(this.pixels.element);
    const { zoom } = this.pixels;
    const side = (2 * this.radius + 1) * zoom;
    const [top, left] = this.place.map((value) => (value - this.radius) * zoom);
    context.strokeStyle = "#2f7ff0";
    context.lineWidth = 4;
    context.strokeRect(left, top, side, side);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    event.preventDefault();
    this.pixels.element.setPointerCapture(event.pointerId);
    this.#erasing = this.erases || event.button === 2 || event.shiftKey;
    this.#touch(this.#at(event), this.#erasing);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (event.buttons === 0) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) this.#touch(this.#at(point), this.#erasing);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { place } = this;
    if (place === null) return;
    const [height, width] = this.pixels.shape;
    if (event.key in ARROWS) {
      const [rows, columns] = ARROWS[event.key];
      this.place = [within(place[0] + rows, height), within(place[1] + columns, width)];
      this.moved();
    } else if (event.key === " ") {
      this.#touch(place, this.erases);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.#touch(place, true);
    } else {
      return;
    }
    event.preventDefault();
    this.at(...(this.place ?? place));
  }

  /**
   * @param {PointerEvent} event
   * @returns {[row: number, column: number]}
   */
  #at(event) {
    const box = this.pixels.element.getBoundingClientRect();
    const [height, width] = this.pixels.shape;
    return [
      Math.floor(((event.clientY - box.top) / box.height) * height),
      Math.floor(((event.clientX - box.left) / box.width) * width),
    ];
  }

  /**
   * @param {[row: number, column: number]} place
   * @param {boolean} erase
   */
  #touch([row, column], erase) {
    const [height, width] = this.pixels.shape;
    const under = [];
    for (let i = row - this.radius; i <= row + this.radius; i++) {
      for (let j = column - this.radius; j <= column + this.radius; j++) {
        if (i >= 0 && i < height && j >= 0 && j < width) under.push(i * width + j);
      }
    }
    if (under.length) this.paint(under, !erase);
  }
}

/**
 * @param {number} value
 * @param {number} length
 */
const within = (value, length) => Math.min(Math.max(value, 0), length - 1);
