// The form in which the reader's own picture is cropped, seen as the network will see it, named and labelled.

import { labelled, button, make } from "./parts.js";
import { Pixels, contextOf } from "./pixels.js";
import { planeOf } from "./shape.js";
import { UploadError, isLightOnDark, likeMnist, opened, scaled, working } from "./upload.js";

/** @import { Panel } from "./panel.js" */
/** @import { Image } from "./types.d.ts" */

const SIDE = 320; // pixels of the canvas that shows the photograph

export class Photo {
  /** @type {ImageBitmap | undefined} */
  #bitmap;
  /** @type {Image | undefined} */
  #image;
  #crop = { size: 1, across: 0.5, down: 0.5 };
  #threshold = 0.5;
  #light = false;
  #photo = make("canvas", "live-photo-given");
  #seen = new Pixels("your picture, as the network sees it");
  #words = make("p", "live-photo-words");
  #name = make("input");
  #label = make("select");
  #use = button("Use this picture", () => this.#take());

  /**
   * @param {Panel} panel
   * @param {HTMLElement} place
   */
  constructor(panel, place) {
    this.panel = panel;
    this.place = place;
    this.digit = panel.manifest?.recipes[panel.asked.recipe].data === "mnist";
  }

  /** @param {File} file */
  async open(file) {
    this.#bitmap = await opened(file);
    this.#name.value = file.name.replace(/\.[^.]*$/, "").slice(0, 40);
    if (this.digit) {
      const { grey, size } = working(this.#bitmap, this.#part());
      this.#light = isLightOnDark(grey, size);
    }
    this.#seen.resize(planeOf(this.panel.shape));
    this.#build();
    this.panel.addEventListener("read", this.#read);
    this.#show();
  }

  #build() {
    const { classes, asked } = this.panel;
    this.#photo.setAttribute("role", "img");
    this.#photo.setAttribute("aria-label", "your photograph, and the part of it that is used");
    this.#photo.addEventListener("pointerdown", (event) => this.#point(event));
    this.#words.setAttribute("role", "status");
    this.#label.append(...classes.map((each) => new Option(each)));
    this.#label.selectedIndex = asked.label;
    /** @type {(words: string, least: string, value: string, act: (to: number) => void) => HTMLElement} */
    const slider = (words, least, value, act) =>
      labelled("live-check", words, { type: "range", min: least, max: "1", step: "0.02", value }, (input) => {
        act(input.valueAsNumber);
        this.#show();
      });
    /** @type {(words: string, light: boolean) => HTMLElement} */
    const polarity = (words, light) => {
      const element = labelled("live-check", words, { type: "radio", name: "live-polarity" }, () => {
        this.#light = light;
        this.#show();
      });
      const input = element.querySelector("input");
      if (input) input.checked = light === this.#light;
      return element;
    };
    /** @type {(words: string, field: HTMLElement) => HTMLElement} */
    const field = (words, element) => make("label", "live-check", words, element);
    this.place.replaceChildren(
      make("div", "live-photo-pair", "", this.#photo, this.#seen.element),
      this.#words,
      make("div", "live-buttons", "",
        slider("size of the part", "0.1", "1", (to) => { this.#crop.size = to; }),
        slider("across", "0", "0.5", (to) => { this.#crop.across = to; }),
        slider("down", "0", "0.5", (to) => { this.#crop.down = to; })),
      ...(this.digit
        ? [make("div", "live-buttons", "",
          polarity("dark on light", false), polarity("light on dark", true),
          slider("threshold", "0.2", "0.5", (to) => { this.#threshold = to; }))]
        : []),
      make("div", "live-buttons", "",
        field("name", this.#name), field("desired label", this.#label),
        this.#use, button("Cancel", () => this.#close())));
  }

  /** The part of the photograph that is used: of the image's proportions if it is no digit. */
  #part() {
    const { width, height } = /** @type {ImageBitmap} */ (this.#bitmap);
    const { size, across, down } = this.#crop;
    const [rows, columns] = planeOf(this.panel.shape);
    const fit = this.digit ? 0 : Math.min(height / rows, width / columns);
    const [tall, wide] = this.digit ? [height * size, width * size] : [fit * rows * size, fit * columns * size];
    /** @type {[top: number, left: number, height: number, width: number]} */
    const part = [(height - tall) * down, (width - wide) * across, tall, wide];
    return part;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const box = this.#photo.getBoundingClientRect();
    this.#crop.across = (event.clientX - box.left) / box.width;
    this.#crop.down = (event.clientY - box.top) / box.height;
    this.#show();
  }

  #show() {
    this.#drawPhoto();
    const bitmap = /** @type {ImageBitmap} */ (this.#bitmap);
    const { shape, asked, manifest } = this.panel;
    try {
      if (this.digit) {
        const { grey, size } = working(bitmap, this.#part());
        this.#image = likeMnist(grey, size, planeOf(shape), { light: this.#light, threshold: this.#threshold });
      } else {
        this.#image = scaled(bitmap, this.#part(), shape);
      }
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      this.#image = undefined;
      this.#use.disabled = true;
      this.#words.textContent = error.message;
      return;
    }
    this.#use.disabled = false;
    this.#seen.draw(this.#image);
    const { classifier } = manifest?.recipes[asked.recipe] ?? {};
    if (classifier) this.panel.send({ type: "read", classifier, image: this.#image });
  }

  #drawPhoto() {
    const bitmap = /** @type {ImageBitmap} */ (this.#bitmap);
    const scale = SIDE / Math.max(bitmap.width, bitmap.height);
    Object.assign(this.#photo, { width: bitmap.width * scale, height: bitmap.height * scale });
    const context = contextOf(this.#photo);
    context.drawImage(bitmap, 0, 0, this.#photo.width, this.#photo.height);
    const [top, left, tall, wide] = this.#part().map((each) => each * scale);
    context.strokeStyle = "#e69f00";
    context.lineWidth = 3;
    context.strokeRect(left + 1, top + 1, wide - 2, tall - 2);
  }

  /** @param {Event} event */
  #read = (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { classes } = this.panel;
    const probabilities = [...event.detail].slice(0, classes.length);
    const best = probabilities.indexOf(Math.max(...probabilities));
    this.#label.selectedIndex = best;
    const percent = Math.round(100 * probabilities[best]);
    this.#words.textContent = `The network reads ${classes[best]} with ${percent} %: suggested as the label.`;
    this.place.dataset.read = classes[best];
  };

  #take() {
    const { panel } = this;
    if (!this.#image) return;
    panel.asked.label = this.#label.selectedIndex;
    panel.useImage(this.#image, this.#name.value || "your picture");
    this.#close();
    panel.given.element.focus();
  }

  #close() {
    this.panel.removeEventListener("read", this.#read);
    this.#bitmap?.close();
    this.place.replaceChildren();
    delete this.place.dataset.read;
  }
}
