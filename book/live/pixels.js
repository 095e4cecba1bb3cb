// Pictures of the page: grey values and holes on a canvas, and a brush that paints on them.

// Missing pixels are painted in the same orange as in the book's figures.
const HOLE = [230, 158, 0];

/** A canvas that shows an image (H, W) of grey values in [0, 1], and its hole if there is one. */
export class Pixels {
  constructor(words) {
    this.element = document.createElement("canvas");
    this.element.className = "live-pixels";
    this.element.setAttribute("role", "img");
    this.say(words);
    this.small = document.createElement("canvas");
  }

  /** Describe the picture for those who do not see it. */
  say(words) {
    this.element.setAttribute("aria-label", words);
  }

  /** Set the height and width in pixels of the images that follow. */
  resize([height, width]) {
    this.shape = [height, width];
    this.zoom = Math.round(224 / height);
    this.small.height = height;
    this.small.width = width;
    this.element.height = height * this.zoom;
    this.element.width = width * this.zoom;
    this.data = this.small.getContext("2d").createImageData(width, height);
  }

  /** Draw an image; where `hole` is 1, the hole's colour instead. */
  draw(image, hole = null) {
    const bytes = this.data.data;
    for (let i = 0; i < image.length; i++) {
      const grey = 255 * image[i];
      for (let channel = 0; channel < 3; channel++) {
        bytes[4 * i + channel] = hole !== null && hole[i] ? HOLE[channel] : grey;
      }
      bytes[4 * i + 3] = 255;
    }
    this.small.getContext("2d").putImageData(this.data, 0, 0);
    const context = this.element.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.small, 0, 0, this.element.width, this.element.height);
  }
}

/**
 * A brush over a canvas: mouse, pen and finger, or the keyboard (arrows move, space paints, backspace rubs out).
 *
 * Calls `paint(pixels, on)` with the indices under the brush, and `moved()` when its frame has to be drawn anew.
 */
export class Brush {
  constructor(pixels, { paint, moved }) {
    Object.assign(this, { pixels, paint, moved, radius: 1, erases: false, place: null });
    const canvas = pixels.element;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.classList.add("live-paintable");
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => {
      this.place ??= this.pixels.shape.map((side) => side >> 1);
      this.moved();
    });
    canvas.addEventListener("blur", () => { this.place = null; this.moved(); });
  }

  /** Draw the brush's frame over the picture while the keyboard moves it. */
  drawFrame() {
    if (this.place === null) return;
    const context = this.pixels.element.getContext("2d");
    const { zoom } = this.pixels;
    const side = (2 * this.radius + 1) * zoom;
    context.strokeStyle = "#2f7ff0";
    context.lineWidth = 2;
    context.strokeRect(
      (this.place[1] - this.radius) * zoom, (this.place[0] - this.radius) * zoom, side, side,
    );
  }

  #press(event) {
    event.preventDefault();
    this.pixels.element.setPointerCapture(event.pointerId);
    this.rubs = this.erases || event.button === 2 || event.shiftKey;
    this.#touch(this.#at(event), this.rubs);
  }

  #drag(event) {
    if (event.buttons === 0) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) this.#touch(this.#at(point), this.rubs);
  }

  #key(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (event.key in moves) {
      this.place = this.place.map((value, axis) =>
        Math.min(Math.max(value + moves[event.key][axis], 0), this.pixels.shape[axis] - 1));
      this.moved();
    } else if (event.key === " ") {
      this.#touch(this.place, this.erases);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.#touch(this.place, true);
    } else {
      return;
    }
    event.preventDefault();
  }

  #at(event) {
    const box = this.pixels.element.getBoundingClientRect();
    const [height, width] = this.pixels.shape;
    return [
      Math.floor(((event.clientY - box.top) / box.height) * height),
      Math.floor(((event.clientX - box.left) / box.width) * width),
    ];
  }

  #touch([row, column], rub) {
    const [height, width] = this.pixels.shape;
    const under = [];
    for (let i = row - this.radius; i <= row + this.radius; i++) {
      for (let j = column - this.radius; j <= column + this.radius; j++) {
        if (i >= 0 && i < height && j >= 0 && j < width) under.push(i * width + j);
      }
    }
    if (under.length) this.paint(under, !rub);
  }
}
