// <inpaint-live>: a panel in which the reader runs the descent on the page.
//
// Its attributes are the first settings:
//   data-manifest   address of the manifest that export.py wrote
//   data-example    name of the picture, and data-hole of its hole; or the chapter's own, as JSON:
//   data-picture    like an example of the manifest
//   data-rectangle  top, left, height and width of a hole
//   data-recipe     name of the recipe, and data-settings, JSON, its changed settings
//   data-controls   names of the controls that are shown, see controls.js
//   data-playground whether the reader can draw, upload, download and share
//   data-autostart  whether it runs once its pictures are seen, unless the reader asked for reduced motion
// worker.js computes; this file sends it requests, draws the states that it answers with, and describes them in words.

import { Bars, Curve, Trace, number } from "./charts.js";
import { CONTROLS, Control, FASTEST } from "./controls.js";
import { imageOf, unpacked, withBytes } from "./model.js";
import { Brush, Pixels } from "./pixels.js";
import { channelsOf, lengthOf, planeOf } from "./shape.js";

/**
 * @import {
 *   Asked, Choices, Example, Hole, Image, ImageShape, OpenManifest, Reply, Request, Settings, State, Value,
 * } from "./types.d.ts"
 */

const ANNOUNCED_EVERY = 2500; // ms, for screen readers
const DRAWN_EVERY_IF_CALM = 1000; // ms, where the reader asked for reduced motion

// The one-file version, see one-file.html, cannot load other files, so it contains them.
const ONE_FILE = globalThis.inpaintLive;

// The name of the chapter's own picture and hole among the others.
const CHAPTERS = "as in the chapter";

/**
 * Make an element with a class, a text and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [name]
 * @param {string} [text]
 * @param {...Node} children
 */
function make(tag, name = "", text = "", ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

/**
 * Make a button.
 *
 * @param {string} words
 * @param {() => void} act
 */
function button(words, act) {
  const element = make("button", "live-button", words);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

/**
 * Make an input with its label around it.
 *
 * @param {string} name - of the label's class
 * @param {string} words
 * @param {Partial<Record<"type" | "min" | "max" | "value" | "accept", string>>} properties - of the input
 * @param {(input: HTMLInputElement) => void} changed
 */
function labelled(name, words, properties, changed) {
  const input = Object.assign(make("input"), properties);
  input.addEventListener("input", () => changed(input));
  return make("label", name, words, input);
}

/**
 * Make a paragraph that assistive software reads or ignores.
 *
 * @param {string} name
 * @param {string} attribute
 * @param {string} value
 */
function paragraph(name, attribute, value) {
  const element = make("p", name);
  element.setAttribute(attribute, value);
  return element;
}

function newWorker() {
  return ONE_FILE?.worker() ?? new Worker(new URL("worker.js", import.meta.url), { type: "module" });
}

export class Panel extends HTMLElement {
  // The elements

  given = new Pixels("the picture with its hole");
  result = new Pixels("the result");
  brush = new Brush(this.given, {
    paint: (under, on) => this.#paint(under, on),
    moved: () => this.#drawGiven(),
  });
  bars = new Bars();
  curves = { energy: new Curve("energy"), norm: new Curve("gradient norm", { log: true }) };
  traces = { energy: new Trace(), norm: new Trace() };
  /** @type {Record<string, Control>} */
  controls = {};

  runButton = button("Run", () => this.#setRunning(!this.running));
  line = paragraph("live-line", "aria-hidden", "true");
  status = paragraph("live-status", "role", "status");
  problem = paragraph("live-problem", "role", "alert");
  progress = make("progress");
  body = make("div", "live-body");

  // The input of the descent

  /** @type {OpenManifest | undefined} */
  manifest;
  /** @type {Record<string, Value>} what the page's own settings change in the recipe */
  fixed = {};
  /** @type {Asked} */
  asked = {
    recipe: "digits", example: "", hole: "rectangle", label: 0, seed: 0, speed: FASTEST, side: 10, threshold: 0.1,
  };
  /** @type {Choices} */
  choices = { recipes: [], examples: [], labels: [], starts: [], holes: [] };
  /** @type {Example<Uint8Array> | undefined} */
  example;
  /** @type {ImageShape} */
  shape = [1, 1];
  /** @type {string[]} */
  classes = [];
  /** @type {Image} */
  image = new Float64Array(1);
  /** @type {Hole} */
  hole = new Uint8Array(1);
  picture = ""; // in words
  own = false; // whether the picture is the reader's
  draws = false; // whether the brush draws on the picture instead of the hole

  // The state of the descent

  /** @type {Worker | null} */
  worker = null;
  visible = false;
  failed = false;
  running = false;
  run = 0; // number of the current descent
  /** @type {State["stopped"]} */
  stopped = null;
  /** @type {State | undefined} */
  latest;

  #built = false;
  #playground = false;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #announced = 0; // when the status was last set
  #pending = false; // whether a painted stroke takes effect with the next frame
  /** @type {typeof import("./link.js") | undefined} */
  #link;
  /** @type {typeof import("./upload.js") | undefined} */
  #upload;

  // Half of the pictures is enough to start: a phone may never show all of a panel.
  #starter = new IntersectionObserver((entries) => this.#startIfSeen(entries.at(-1)?.isIntersecting ?? false), {
    threshold: 0.5,
  });

  #watcher = new IntersectionObserver((entries) => this.#seen(entries.at(-1)?.isIntersecting ?? false), {
    rootMargin: "200px",
  });

  connectedCallback() {
    if (!this.#built) this.#build();
    this.#built = true;
    this.#watcher.observe(this);
    addEventListener("pagehide", this.#leave);
    document.addEventListener("visibilitychange", this.#hide);
  }

  disconnectedCallback() {
    this.#watcher.disconnect();
    this.#starter.disconnect();
    removeEventListener("pagehide", this.#leave);
    document.removeEventListener("visibilitychange", this.#hide);
    this.#close();
  }

  #build() {
    const { controls = "", playground } = this.dataset;
    this.#playground = playground !== undefined;
    this.progress.hidden = true;
    this.progress.setAttribute("aria-label", "loading the classifier");

    const grid = make("div", "live-controls");
    for (const name of controls.split(/\s+/).filter((each) => each in CONTROLS)) {
      this.controls[name] = new Control(name, (control) => this.#changed(control));
      grid.append(...this.controls[name].parts);
    }
    const buttons = make("div", "live-buttons", "",
      this.runButton,
      button("One step", () => { this.#setRunning(false); this.#send({ type: "step" }); }),
      button("Reset", () => this.#begin()),
      labelled("live-check", "Erase", { type: "checkbox" }, (input) => { this.brush.erases = input.checked; }));

    /** @type {(pixels: Pixels, words: string) => HTMLElement} */
    const frame = (pixels, words) => make("figure", "live-frame", "", pixels.element, make("figcaption", "", words));
    this.body.append(
      make("div", "live-stage", "",
        frame(this.given, "Paint the hole"), frame(this.result, "Result"), this.bars.element),
      this.line, this.status, this.progress, this.problem, buttons,
      ...(this.#playground ? [this.#tools()] : []),
      grid,
      make("div", "live-curves", "", this.curves.energy.element, this.curves.norm.element));
    this.body.hidden = true;
    this.setAttribute("role", "group");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", "The descent, running on this page");
    this.append(this.body);
  }

  /** The tools of the playground: drawing, the brush's size, upload, download and a link. */
  #tools() {
    return make("div", "live-buttons live-tools", "",
      labelled("live-check", "Draw on the picture, not the hole", { type: "checkbox" }, (input) => {
        this.draws = input.checked;
      }),
      labelled("live-check", "Brush", { type: "range", min: "0", max: "4", value: "1" }, (input) => {
        this.brush.radius = input.valueAsNumber;
      }),
      button("Empty picture", () => {
        this.#useImage(new Float64Array(lengthOf(this.shape)).fill(this.paper), "an empty picture");
      }),
      button("No hole", () => { this.hole = new Uint8Array(this.size); this.#begin(); }),
      labelled("live-check live-file", "Your own picture", { type: "file", accept: "image/*" }, (input) => {
        const file = input.files?.[0];
        if (file) this.#useFile(file);
        input.value = "";
      }),
      button("Save as PNG", () => this.#save()),
      button("Link to this", () => this.#share()));
  }

  // The page and the worker

  /** @param {boolean} visible */
  #seen(visible) {
    this.visible = visible;
    if (visible && !this.worker && !this.failed) this.#open();
    this.#pace();
  }

  #hide = () => this.#pace();

  #leave = () => this.#close();

  #open() {
    this.worker = newWorker();
    this.worker.addEventListener("message", ({ data }) => this.#heard(data));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#fail("The script that runs the descent could not be loaded; please reload the page.");
    });
    const manifest = ONE_FILE?.manifest ?? new URL(this.dataset.manifest ?? "", document.baseURI).href;
    this.#send({ type: "open", manifest, files: ONE_FILE?.files });
  }

  #close() {
    this.worker?.terminate();
    this.worker = null;
    this.#setRunning(false);
  }

  /** @param {Request} message */
  #send(message) {
    this.worker?.postMessage(message);
  }

  /** @param {Reply} message */
  #heard(message) {
    if (message.type === "opened") this.#opened(message.manifest);
    else if (message.type === "loading") this.#loading(message);
    else if (message.type === "problem") this.#fail(message.text);
    else if (message.run === this.run) this.#state(message);
  }

  /** @param {string} text */
  #fail(text) {
    this.failed = true;
    this.progress.hidden = true;
    this.problem.textContent = text;
    this.body.hidden = false;
    this.#close();
  }

  /** @param {{ received: number, total: number }} message */
  #loading({ received, total }) {
    this.progress.hidden = received >= total;
    Object.assign(this.progress, { max: total, value: received });
    if (this.progress.hidden) return;
    const words = `loading the classifier, ${(total / 1e6).toFixed(1)} MB`;
    this.progress.setAttribute("aria-label", words);
    this.line.textContent = words; // until the next state
  }

  // The input of the descent

  /** @param {OpenManifest} given */
  async #opened(given) {
    const first = !this.manifest;
    const { picture, rectangle, settings = "{}" } = this.dataset;
    const examples = { ...given.examples };
    if (picture) Object.assign(examples, { [CHAPTERS]: await withBytes(JSON.parse(picture)) });
    const manifest = { ...given, examples };
    this.manifest = manifest;
    if (this.#playground) {
      [this.#link, this.#upload] = await Promise.all([import("./link.js"), import("./upload.js")]);
    }
    if (first) {
      const own = { example: picture ? CHAPTERS : "", hole: rectangle ? CHAPTERS : "rectangle" };
      const { recipe = "digits", example = own.example, hole = own.hole } = this.dataset;
      this.fixed = JSON.parse(settings);
      Object.assign(this.asked, { recipe, example, hole });
      for (const name of Object.keys(this.fixed)) if (name in CONTROLS) this.asked[name] = this.fixed[name];
      this.#choose(manifest, { keepLabel: "label" in this.fixed });
      this.#recall(manifest);
    }
    this.body.hidden = false;
    this.dataset.ready = "";
    this.#begin({ run: false });
    if (first && this.dataset.autostart !== undefined) this.#starter.observe(this.given.element);
  }

  /** @param {boolean} seen */
  #startIfSeen(seen) {
    if (!seen) return;
    this.#starter.disconnect(); // only once
    const untouched = this.run === 1 && !this.stopped && !this.latest?.step;
    if (untouched && !this.#calm.matches) this.#setRunning(true);
  }

  /** The number of pixels. */
  get size() {
    return lengthOf(planeOf(this.shape));
  }

  /** The value of an empty picture: drawings in colour are on white, digits on black. */
  get paper() {
    return channelsOf(this.shape) === 3 ? 1 : 0;
  }

  /**
   * Update everything that depends on the recipe and the picture: the choices, the image, its hole and label.
   *
   * @param {OpenManifest} manifest
   * @param {{ keepLabel?: boolean }} [options] - whether the label stays, if the picture does
   */
  #choose({ recipes, examples, holes, classifiers, averages, supports }, { keepLabel = true } = {}) {
    const recipe = recipes[this.asked.recipe];
    const ours = Object.entries(examples).filter(([, each]) => each.shape.join() === recipe.shape.join());
    const known = ours.some(([name]) => name === this.asked.example);
    if (!known) this.asked.example = ours[0][0];
    const example = examples[this.asked.example];
    if (!known || !keepLabel) this.asked.label = example.label;
    this.example = example;
    this.shape = example.shape;
    const kinds = holes[planeOf(this.shape).join("x")];
    this.classes = classifiers[recipe.classifier].classes;
    this.choices = {
      recipes: Object.keys(recipes),
      examples: ours.map(([name, each]) => ({ value: name, text: each.title })),
      labels: this.classes.map((text, value) => ({ value, text })),
      starts: supports.start.filter((start) => start !== "part-mixture" || averages[recipe.data].parts > 0),
      holes: [...(this.dataset.rectangle ? [CHAPTERS] : []), ...Object.keys(kinds)],
    };
    this.image = imageOf(example.pixels);
    this.picture = example.title;
    this.own = false;
    for (const pixels of [this.given, this.result]) pixels.resize(planeOf(this.shape));
    this.bars.reset(this.classes);
    this.#cut(kinds, example);
    this.#fill();
  }

  /**
   * Make the hole of the controls' settings.
   *
   * @param {Record<string, Uint8Array>} kinds - bits of the holes by their names
   * @param {Example<Uint8Array>} example
   */
  #cut(kinds, { centre: [middle, centre] }) {
    const { rectangle } = this.dataset;
    const { side, threshold } = this.asked;
    if ("threshold" in this.controls) {
      this.hole = new Uint8Array(this.size).fill(1); // where it is dark in every channel
      this.image.forEach((value, i) => { if (value >= threshold) this.hole[i % this.size] = 0; });
    } else if ("side" in this.controls) {
      this.hole = this.#holeWhere((row, column) =>
        Math.abs(row + 0.5 - middle) < side / 2 && Math.abs(column + 0.5 - centre) < side / 2);
    } else if (this.asked.hole === CHAPTERS && rectangle !== undefined) {
      const [top, left, height, width] = JSON.parse(rectangle);
      this.hole = this.#holeWhere((row, column) =>
        row >= top && row < top + height && column >= left && column < left + width);
    } else {
      if (!(this.asked.hole in kinds)) [this.asked.hole] = Object.keys(kinds);
      this.hole = unpacked(kinds[this.asked.hole], this.size);
    }
  }

  /**
   * Make a hole of the pixels for which a function is true.
   *
   * @param {(row: number, column: number) => boolean} missing
   */
  #holeWhere(missing) {
    const [, width] = planeOf(this.shape);
    return Uint8Array.from({ length: this.size }, (_, i) => Number(missing(Math.floor(i / width), i % width)));
  }

  /** Show the current value in every control. */
  #fill() {
    /** @type {Record<string, Value>} */
    const values = { ...this.asked, ...this.#settings() };
    for (const [name, control] of Object.entries(this.controls)) control.fill(this, values[name]);
  }

  /** @returns {Settings | undefined} of the recipe, with the changes of the page and the reader */
  #settings() {
    const known = this.manifest?.recipes[this.asked.recipe];
    const changed = Object.entries(this.asked).filter(([name]) => CONTROLS[name]?.setting);
    return known && { ...known, ...this.fixed, ...Object.fromEntries(changed) };
  }

  /** @param {Control} control */
  #changed({ name, value, kind }) {
    const { manifest, example } = this;
    if (!manifest || !example) return;
    this.asked[name] = value;
    if (name === "recipe") {
      // A recipe is a complete set of choices, so earlier changes are dropped.
      this.fixed = {};
      for (const each of Object.keys(CONTROLS)) if (CONTROLS[each].setting) delete this.asked[each];
      const { image, hole, own, picture } = this;
      const before = this.shape.join();
      this.#choose(manifest);
      if (this.shape.join() === before) Object.assign(this, { image, hole, own, picture });
    } else if (name === "example") {
      this.#choose(manifest, { keepLabel: false });
    } else if (["hole", "side", "threshold"].includes(name)) {
      this.#cut(manifest.holes[planeOf(this.shape).join("x")], example);
    } else if (name === "speed") {
      this.#pace();
      return;
    }
    const settings = this.#settings();
    if (kind.restarts || this.stopped) this.#begin({ run: true });
    else if (settings) {
      this.#send({ type: "change", settings, label: this.asked.label });
      this.#setRunning(true);
    }
  }

  /** Start the descent again, with the current input. */
  #begin({ run = this.running } = {}) {
    const settings = this.#settings();
    if (!settings) return;
    const { image, hole } = this;
    const { label, seed } = this.asked;
    this.run++;
    this.stopped = null;
    for (const trace of Object.values(this.traces)) trace.clear();
    this.#drawGiven();
    this.#send({ type: "begin", run: this.run, settings, image, hole, label, seed });
    this.#setRunning(run);
    this.#send({ type: "draw" });
  }

  /** @param {boolean} running */
  #setRunning(running) {
    this.running = running;
    this.runButton.textContent = running ? "Pause" : "Run";
    if (running && this.stopped) this.#begin({ run: true });
    else this.#pace();
  }

  /** Tell the worker whether and how fast to continue: not while the panel is invisible. */
  #pace() {
    const awake = this.running && this.visible && !document.hidden;
    this.#send({ type: "pace", running: awake, speed: this.asked.speed });
  }

  // Results

  /** @param {State} state */
  #state(state) {
    this.latest = state;
    for (const value of state.points.energy) this.traces.energy.add(value);
    for (const value of state.points.norm) this.traces.norm.add(value);
    if (state.stopped) {
      this.stopped = state.stopped;
      this.running = false;
      this.runButton.textContent = "Run";
    }
    requestAnimationFrame(() => {
      if (state.run !== this.run) return;
      this.#draw(this.latest ?? state);
      const wait = this.#calm.matches ? DRAWN_EVERY_IF_CALM : 0;
      setTimeout(() => this.#send({ type: "draw" }), wait);
    });
  }

  /** @param {State} state */
  #draw({ image, step, energy, probabilities }) {
    this.result.draw(image);
    this.bars.draw(probabilities, this.asked.label);
    // While the weight of a term grows, the energy may rise, although every step goes downhill.
    this.curves.energy.title = this.#settings()?.binary ? "energy (its binary weight grows)" : "energy";
    this.curves.energy.draw(this.traces.energy);
    this.curves.norm.draw(this.traces.norm);
    const best = probabilities.reduce((most, value, i) => (value > probabilities[most] ? i : most), 0);
    const read = `classified as ${this.classes[best]} with ${Math.round(100 * probabilities[best])} %`;
    const ends = this.stopped ? `, stopped: ${this.stopped}` : "";
    const words = `step ${step}, energy ${number(energy)}, ${read}${ends}`;
    this.line.textContent = `${words}${this.own ? "" : `; PSNR in the hole ${this.#psnr(image)}`}`;
    this.dataset.step = String(step);
    const now = performance.now();
    if (this.stopped || !this.running || now - this.#announced > ANNOUNCED_EVERY) {
      this.#announced = now;
      if (this.status.textContent !== words) this.status.textContent = words;
      this.result.say(`${this.picture}, result at ${words}`);
    }
  }

  /** @param {Image} image */
  #psnr(image) {
    let [sum, count] = [0, 0];
    this.image.forEach((original, i) => {
      if (!this.hole[i % this.hole.length]) return;
      count++;
      sum += (image[i] - original) ** 2;
    });
    return sum ? `${(-10 * Math.log10(sum / count)).toFixed(1)} dB` : "–";
  }

  #drawGiven() {
    this.given.draw(this.image, this.hole);
    this.brush.drawFrame();
    const missing = this.hole.reduce((sum, each) => sum + each, 0);
    this.given.say(`${this.picture} with ${missing} of ${this.size} pixels missing; `
      + "paint with the pointer, or move with the arrow keys, paint with space, erase with backspace");
  }

  // Painting, files and links

  /**
   * @param {number[]} under - indices of the pixels under the brush
   * @param {boolean} on
   */
  #paint(under, on) {
    if (this.draws) {
      this.image = this.image.slice();
      const value = on ? 1 - this.paper : this.paper;
      this.image.forEach((_, i) => { if (under.includes(i % this.size)) this.image[i] = value; });
      this.own = true;
    } else {
      this.hole = this.hole.slice();
      for (const i of under) this.hole[i] = on ? 1 : 0;
    }
    this.#drawGiven();
    // Once per frame is enough: a stroke has many events.
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.#begin({ run: this.running || !this.draws });
    });
  }

  /**
   * @param {Image} image
   * @param {string} words - that describe it
   */
  #useImage(image, words) {
    this.image = image;
    this.own = true;
    this.picture = words;
    this.#begin();
  }

  /** @param {File} file */
  async #useFile(file) {
    const upload = this.#upload;
    if (!upload) return;
    this.problem.textContent = "";
    try {
      const digit = this.manifest?.recipes[this.asked.recipe].data === "mnist";
      this.#useImage(await upload.readPicture(file, this.shape, { digit }), "your picture");
    } catch (error) {
      this.problem.textContent = error instanceof upload.UploadError ? error.message : "This picture cannot be used.";
    }
  }

  #save() {
    if (!this.latest) return;
    const { image, step } = this.latest;
    const picture = new Pixels("");
    picture.resize(planeOf(this.shape));
    picture.draw(image);
    picture.element.toBlob((blob) => {
      if (!blob) return;
      const anchor = make("a");
      anchor.href = URL.createObjectURL(blob);
      anchor.download = `inpainted-step-${step}.png`;
      anchor.click();
      URL.revokeObjectURL(anchor.href);
    });
  }

  #share() {
    if (!this.#link) return;
    const text = this.#link.write({ settings: this.asked, hole: this.hole, image: this.own ? this.image : null });
    history.replaceState(null, "", `#${text}`);
    navigator.clipboard?.writeText(location.href).then(
      () => { this.status.textContent = "The link is in the clipboard and in the address bar."; },
      () => { this.status.textContent = "The link is in the address bar."; },
    );
    this.line.textContent = "The link is in the address bar.";
  }

  /**
   * Restore the state that the page's address holds, if it holds one.
   *
   * @param {OpenManifest} manifest
   */
  #recall(manifest) {
    const { recipes, examples } = manifest;
    const state = this.#link?.read(location.hash.slice(1), ({ recipe = "", example = "" }) => {
      const { shape } = recipes[recipe];
      if (examples[example].shape.join() !== shape.join()) throw new Error("another shape");
      return shape;
    });
    if (!state) return;
    const known = Object.entries(state.settings).filter(([name]) => name in CONTROLS);
    Object.assign(this.asked, Object.fromEntries(known));
    this.#choose(manifest);
    this.hole = state.hole;
    if (state.image) Object.assign(this, { image: state.image, own: true, picture: "your picture" });
    this.#fill();
  }
}

customElements.define("inpaint-live", Panel);
