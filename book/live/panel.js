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
//   data-with-start whether the start is a picture of its own, between the hole and the result
//   data-autostart  whether it runs once its result is seen, unless the reader asked for reduced motion
// worker.js computes; this file sends it requests, draws the states that it answers with, and describes them in words.

import { Bars, Curve, NONE, Readings, Stack, Trace, number } from "./charts.js";
import { CONTROLS, Control, FASTEST, GROUPS, startsOf } from "./controls.js";
import { dark, rectangle as rectangleAt, square } from "./holes.js";
import { imageOf, unpacked, withBytes } from "./model.js";
import { button, foldable, labelled, make, paragraph } from "./parts.js";
import { Brush, Pixels } from "./pixels.js";
import { Runner } from "./runner.js";
import { channelsOf, lengthOf, planeOf } from "./shape.js";

/**
 * @import {
 *   Asked, Choices, Example, Hole, Image, ImageShape, OpenManifest, Reply, Request, Resumed, Settings, State, Value,
 * } from "./types.d.ts"
 */

const ANNOUNCED_EVERY = 2500; // ms, for screen readers
const DRAWN_EVERY_IF_CALM = 1000; // ms, where the reader asked for reduced motion

// The one-file version, see one-file.html, cannot load other files, so it contains them.
const ONE_FILE = globalThis.inpaintLive;

// The name of the chapter's own picture and hole among the others.
const CHAPTERS = "as in the chapter";

// The names of the reader's own picture and hole among the others.
const OWN = "your own";
const PAINTED = "as painted";

/** Controls up to this number are all shown; more are in groups. */
const MOST_UNGROUPED = 6;

export class Panel extends HTMLElement {
  // The elements

  given = new Pixels("the picture with its hole");
  start = new Pixels("the start");
  result = new Pixels("the result");
  brush = new Brush(this.given, {
    paint: (under, on) => this.#paint(under, on),
    moved: () => this.#drawGiven(),
    at: (row, column) => this.#tellPlace(row, column),
  });
  bars = new Bars();
  curves = { energy: new Stack("Energy"), norm: new Curve("Gradient norm", { log: true }) };
  traces = { energy: new Trace(), norm: new Trace() };
  /** @type {Record<string, Trace>} of each term's share of the energy */
  shares = {};
  /** @type {Record<string, Control>} */
  controls = {};

  runButton = button("Run", () => this.setRunning(!this.running));
  againButton = button("Try again", () => this.#tryAgain());
  readings = new Readings();
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
  painted = false; // whether the hole is
  /** @type {{ image: Image, words: string } | null} the reader's last picture, to which the list leads back */
  yours = null;
  draws = false; // whether the brush draws on the picture instead of the hole

  // The state of the descent

  /** @type {Element} what has to be in sight */
  place = this;
  /** @type {Runner | null} */
  runner = null;
  visible = false;
  failed = false; // for good, or until the reader tries again
  broken = false; // whether the current descent could not begin or go on
  running = false;
  run = 0; // number of the current descent
  /** @type {State["stopped"]} */
  stopped = null;
  /** @type {State | undefined} */
  latest;

  #built = false;
  #first = 0; // number of the current descent's first step
  #playground = false;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #announced = 0; // when the status was last set
  #pending = false; // whether a painted stroke takes effect with the next frame
  /** @type {import("./playground.js").Playground | undefined} */
  #tools;

  // Half of the result is enough to start: a phone may never show all of a panel.
  #starter = new IntersectionObserver((entries) => this.#startIfSeen(entries.at(-1)?.isIntersecting ?? false), {
    threshold: 0.5,
  });

  #watcher = new IntersectionObserver((entries) => this.#seen(entries.at(-1)?.isIntersecting ?? false), {
    rootMargin: "200px",
  });

  connectedCallback() {
    if (!this.#built) this.#build();
    this.#built = true;
    this.#watcher.observe(this.place);
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
    const { controls = "", playground, withStart } = this.dataset;
    this.#playground = playground !== undefined;
    this.progress.hidden = true;
    this.progress.setAttribute("aria-label", "loading the classifier");

    for (const name of controls.split(/\s+/).filter((each) => each in CONTROLS)) {
      this.controls[name] = new Control(name, (control) => this.#changed(control));
    }
    const bar = make("div", "live-bar", "",
      ...(this.controls.label ? [this.controls.label.element] : []),
      make("div", "live-buttons", "",
        this.runButton,
        button("One step", () => this.step()),
        button("Reset", () => this.begin()),
        labelled("live-check", "Erase", { type: "checkbox" }, (input) => { this.brush.erases = input.checked; })));

    /** @type {(pixels: Pixels, words: string) => HTMLElement} */
    const frame = (pixels, words) => make("figure", "live-frame", "", make("figcaption", "", words), pixels.element);
    this.againButton.hidden = true;
    const start = withStart === undefined ? [] : [frame(this.start, "Start")];
    const norm = withStart === undefined ? [this.curves.norm.element] : []; // else the energy alone says how far it is
    if (start.length) this.body.dataset.withStart = "";
    this.body.append(
      make("div", "live-stage", "", frame(this.given, "Paint the hole"), ...start, frame(this.result, "Result")),
      make("div", "live-side", "",
        this.readings.element, this.status, this.progress, this.problem, this.againButton, bar, this.bars.element,
        ...this.#groups(),
        make("div", "live-curves", "", this.curves.energy.element, ...norm)));
    this.body.hidden = true;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Inpainting, live");
    this.append(this.body);
  }

  /** The controls, in groups that open and close if there are many. */
  #groups() {
    const [first] = Object.keys(GROUPS);
    const groups = Object.entries(GROUPS).map(([title, names]) => {
      const elements = names.filter((name) => name in this.controls).map((name) => this.controls[name].element);
      return { title, grid: make("div", "live-controls", "", ...elements) };
    }).filter(({ grid }) => grid.hasChildNodes());
    if (Object.keys(this.controls).length <= MOST_UNGROUPED) return groups.map(({ grid }) => grid);
    return groups.map(({ title, grid }) => foldable(title, title === first, grid));
  }

  // The page and the worker

  /** @param {boolean} visible */
  #seen(visible) {
    this.visible = visible;
    if (visible && !this.runner && !this.failed) this.#open();
    this.#pace();
  }

  #hide = () => this.#pace();

  #leave = () => this.#close();

  #open() {
    this.runner = new Runner((message) => this.#heard(message), (words) => this.#fail(words));
    const manifest = ONE_FILE?.manifest ?? new URL(this.dataset.manifest ?? "", document.baseURI).href;
    this.send({ type: "open", manifest, files: ONE_FILE?.files });
  }

  #close() {
    this.runner?.close();
    this.runner = null;
    this.setRunning(false);
  }

  #tryAgain() {
    this.#clearProblem();
    this.failed = false;
    if (!this.runner) this.#open();
    else this.begin({ run: true });
  }

  /** @param {Request} message */
  send(message) {
    this.runner?.send(message);
  }

  /** @param {Reply} message */
  #heard(message) {
    if (message.type === "opened") this.#opened(message.manifest).catch((error) => this.#fail(String(error.message)));
    else if (message.type === "loading") this.#loading(message);
    else if (message.type === "read") this.dispatchEvent(new CustomEvent("read", { detail: message.probabilities }));
    else if (message.type === "problem") this.#stumble(message.text);
    else if (message.run !== this.run) return; // of an earlier descent
    else if (message.type === "started") this.#drawStart(message.start);
    else this.#state(message);
  }

  /**
   * Tell a problem that leaves the panel as it is: the reader may change something, or try again.
   *
   * @param {string} text
   */
  #stumble(text) {
    if (!this.manifest) {
      this.#fail(text);
      return;
    }
    this.broken = true;
    this.progress.hidden = true;
    this.setRunning(false);
    this.tellProblem(text);
  }

  /**
   * Tell why nothing runs, and offer the version that loads nothing.
   *
   * @param {string} text
   */
  #fail(text) {
    this.failed = true;
    this.progress.hidden = true;
    this.body.hidden = false;
    this.dataset.failed = "";
    this.tellProblem(text);
    this.#close();
  }

  /**
   * @param {string} text
   * @param {{ again?: boolean }} [options] - whether trying again may help
   */
  tellProblem(text, { again = true } = {}) {
    this.problem.textContent = text;
    this.againButton.hidden = !again;
  }

  #clearProblem() {
    this.problem.textContent = "";
    this.againButton.hidden = true;
    delete this.dataset.failed;
  }

  /** @param {{ received: number, total: number }} message */
  #loading({ received, total }) {
    this.progress.hidden = received >= total;
    Object.assign(this.progress, { max: total, value: received });
    if (this.progress.hidden) return;
    const words = `loading the classifier, ${(total / 1e6).toFixed(1)} MB`;
    this.progress.setAttribute("aria-label", words);
    this.readings.say(words); // until the next state
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
    if (first) {
      const own = { example: picture ? CHAPTERS : "", hole: rectangle ? CHAPTERS : "rectangle" };
      const { recipe = "digits", example = own.example, hole = own.hole } = this.dataset;
      this.fixed = JSON.parse(settings);
      Object.assign(this.asked, { recipe, example, hole });
      for (const [name, value] of Object.entries(this.fixed)) {
        if (Object.hasOwn(CONTROLS, name)) this.asked[name] = value;
      }
      this.choose(manifest, { keepLabel: "label" in this.fixed });
    }
    this.body.hidden = false;
    this.dataset.ready = "";
    const lacking = this.#playground && !this.#tools && !await this.#makeTools();
    if (!first || !this.#tools?.recall()) this.begin({ run: false });
    if (lacking) {
      this.tellProblem("The tools for drawing and sharing could not be loaded; reload the page to have them.", {
        again: false,
      });
    }
    this.dispatchEvent(new Event("opened"));
    if (first && this.dataset.autostart !== undefined) this.#starter.observe(this.result.element);
  }

  /** Make the tools of the playground; returns whether they could be loaded. */
  async #makeTools() {
    try {
      const { Playground } = await import("./playground.js");
      this.#tools = new Playground(this);
      this.body.prepend(this.#tools.presets);
      this.curves.energy.element.parentElement?.before(this.#tools.element);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {boolean} seen */
  #startIfSeen(seen) {
    if (!seen) return;
    this.#starter.disconnect(); // only once
    const untouched = this.run === 1 && !this.stopped && !this.latest?.step;
    if (untouched && !this.#calm.matches) this.setRunning(true);
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
  choose(manifest, { keepLabel = true } = {}) {
    const { recipes, examples, holes, classifiers } = manifest;
    const follows = this.dataset.follows !== undefined; // the picture of another panel, see compare.js
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
      recipes: Object.keys(recipes).filter((name) => !follows || recipes[name].shape.join() === recipe.shape.join()),
      examples: ours.map(([name, each]) => ({ value: name, text: each.title })),
      labels: this.classes.map((text, value) => ({ value, text })),
      starts: startsOf(recipe, manifest),
      holes: [...(this.dataset.rectangle ? [CHAPTERS] : []), ...Object.keys(kinds)],
    };
    this.image = imageOf(example.pixels);
    this.picture = example.title;
    this.own = false;
    this.setAttribute("aria-label", `Inpainting, live: ${example.title}, recipe ${this.asked.recipe}`);
    for (const pixels of [this.given, this.start, this.result]) pixels.resize(planeOf(this.shape));
    this.bars.reset(this.classes);
    this.#cut(kinds, example);
  }

  /**
   * Make the hole of the controls' settings.
   *
   * @param {Record<string, Uint8Array>} kinds - bits of the holes by their names
   * @param {Example<Uint8Array>} example
   */
  #cut(kinds, { centre }) {
    this.painted = false;
    const { side, threshold } = this.asked;
    const plane = planeOf(this.shape);
    if ("threshold" in this.controls) {
      this.hole = dark(plane, this.image, threshold);
    } else if ("side" in this.controls) {
      this.hole = square(plane, centre, side);
    } else if (this.asked.hole === CHAPTERS && this.dataset.rectangle !== undefined) {
      this.hole = rectangleAt(plane, JSON.parse(this.dataset.rectangle));
    } else {
      if (!(this.asked.hole in kinds)) [this.asked.hole] = Object.keys(kinds);
      this.hole = unpacked(kinds[this.asked.hole], this.size);
    }
  }

  /**
   * Ask for a recipe, a picture, a label and settings, each by its name; other settings become the recipe's own.
   *
   * @param {Record<string, Value | undefined>} wanted
   */
  ask(wanted) {
    if (!this.manifest) return;
    this.#forget();
    for (const [name, value] of Object.entries(wanted)) {
      if (Object.hasOwn(CONTROLS, name) && value !== undefined) this.asked[name] = value;
    }
    this.choose(this.manifest);
  }

  /** Drop all changes of the recipe's settings: a recipe is a complete set of choices. */
  #forget() {
    this.fixed = {};
    for (const name of Object.keys(CONTROLS)) if (CONTROLS[name].setting) delete this.asked[name];
  }

  /** Show the current value in every control. */
  fill() {
    /** @type {Record<string, Value>} */
    const values = { ...this.asked, ...this.settings() };
    const { examples, holes } = this.choices;
    this.choices.examples = examples.filter(({ value }) => value !== OWN);
    this.choices.holes = holes.filter((each) => each !== PAINTED);
    if (this.own) this.yours = { image: this.image, words: this.picture };
    if (this.yours?.image.length === this.image.length) {
      this.choices.examples.push({ value: OWN, text: this.yours.words });
    }
    if (this.own) values.example = OWN;
    if (this.painted) {
      this.choices.holes.push(PAINTED);
      values.hole = PAINTED;
    }
    for (const [name, control] of Object.entries(this.controls)) control.fill(this, values[name]);
  }

  /** @returns {Settings | undefined} of the recipe, with the changes of the page and the reader */
  settings() {
    const known = this.manifest?.recipes[this.asked.recipe];
    const changed = Object.entries(this.asked).filter(([name]) => CONTROLS[name]?.setting);
    return known && { ...known, ...this.fixed, ...Object.fromEntries(changed) };
  }

  /** @param {Control} control */
  #changed({ name, value, kind }) {
    const { manifest, example } = this;
    if (!manifest || !example || value === PAINTED) return;
    if (value === OWN) {
      if (this.yours) this.useImage(this.yours.image, this.yours.words);
      return;
    }
    this.asked[name] = value;
    if (name === "recipe") {
      this.#forget();
      const { image, hole, own, picture, painted } = this;
      const before = this.shape.join();
      this.choose(manifest);
      if (this.shape.join() === before) Object.assign(this, { image, hole, own, picture, painted });
    } else if (name === "example") {
      this.choose(manifest, { keepLabel: false });
    } else if (["hole", "side", "threshold"].includes(name)) {
      this.#cut(manifest.holes[planeOf(this.shape).join("x")], example);
    } else if (name === "speed") {
      this.#pace();
      return;
    }
    const settings = this.settings();
    if (kind.restarts || this.stopped || this.broken) this.begin({ run: true });
    else if (settings) {
      this.send({ type: "change", settings, label: this.asked.label });
      this.setRunning(true);
    }
  }

  /**
   * Start the descent again, with the current input; or go on from an earlier result.
   *
   * @param {{ run?: boolean, resumed?: Resumed | null }} [options]
   */
  begin({ run = this.running, resumed = null } = {}) {
    const settings = this.settings();
    if (!settings) return;
    const { image, hole } = this;
    const { label, seed } = this.asked;
    this.run++;
    this.stopped = null;
    this.broken = false;
    this.#clearProblem();
    const first = resumed?.steps ?? 0;
    this.traces = { energy: new Trace(first), norm: new Trace(first) };
    this.shares = {};
    this.#first = first;
    this.#drawGiven();
    this.send({
      type: "begin", run: this.run, settings, image, hole, label, seed, ...(resumed ? { resumed } : {}),
    });
    this.setRunning(run);
    this.send({ type: "draw" });
    this.fill();
    this.dispatchEvent(new Event("begun"));
  }

  step() {
    this.setRunning(false);
    this.send({ type: "step" });
    this.dispatchEvent(new Event("stepped"));
  }

  /**
   * Ask for another label, from the current image on.
   *
   * @param {number} label
   */
  relabel(label) {
    const settings = this.settings();
    if (!settings) return;
    this.asked.label = label;
    this.send({ type: "change", settings, label });
  }

  /** @param {boolean} running */
  setRunning(running) {
    this.running = running;
    this.runButton.textContent = running ? "Pause" : "Run";
    if (running && (this.stopped || this.broken)) this.begin({ run: true });
    else this.#pace();
    this.dispatchEvent(new Event("paced"));
  }

  /** Tell the worker whether and how fast to continue: not while the panel is invisible. */
  #pace() {
    const awake = this.running && this.visible && !document.hidden;
    this.send({ type: "pace", running: awake, speed: this.asked.speed });
  }

  // Results

  /** @param {State} state */
  #state(state) {
    this.latest = state;
    for (const value of state.points.energy) this.traces.energy.add(value);
    for (const value of state.points.norm) this.traces.norm.add(value);
    this.#addShares(state.points.shares);
    if (state.stopped) {
      this.stopped = state.stopped;
      this.running = false;
      this.runButton.textContent = "Run";
    }
    requestAnimationFrame(() => {
      if (state.run !== this.run) return;
      this.#draw(this.latest ?? state);
      const wait = this.#calm.matches ? DRAWN_EVERY_IF_CALM : 0;
      setTimeout(() => this.send({ type: "draw" }), wait);
    });
  }

  /** @param {Record<string, number[]>} shares */
  #addShares(shares) {
    for (const [name, values] of Object.entries(shares)) {
      let trace = this.shares[name];
      if (trace === undefined) { // a term that had no weight so far
        trace = this.shares[name] = new Trace(this.#first);
        for (let i = values.length; i < this.traces.energy.seen; i++) trace.add(0);
      }
      for (const value of values) trace.add(value);
    }
    for (const trace of Object.values(this.shares)) {
      while (trace.seen < this.traces.energy.seen) trace.add(0); // its weight is 0 now
    }
  }

  /** @param {State} state */
  #draw({ image, step, energy, probabilities }) {
    this.result.draw(image);
    this.bars.draw(probabilities, this.asked.label);
    this.curves.energy.draw(this.shares);
    this.curves.norm.draw(this.traces.norm);
    const best = probabilities.reduce((most, value, i) => (value > probabilities[most] ? i : most), 0);
    const read = `${this.classes[best] ?? NONE} with ${Math.round(100 * probabilities[best])}\u00a0%`;
    const psnr = this.own ? "" : this.#psnr(image);
    const quality = psnr && `, PSNR in the hole ${psnr}`; // for who hears only this line
    const ends = this.stopped ? `, stopped: ${this.stopped}${quality}` : "";
    const words = `step ${step}, energy ${number(energy)}, classified as ${read}${ends}`;
    this.readings.draw({
      ...(this.stopped ? { "stopped at step": `${step}, ${this.stopped}` } : { step: String(step) }),
      energy: number(energy),
      "classified as": read,
      ...(psnr ? { "PSNR in the hole": psnr } : {}),
    });
    this.dataset.step = String(step);
    const now = performance.now();
    if (this.stopped || !this.running || now - this.#announced > ANNOUNCED_EVERY) {
      this.#announced = now;
      if (this.status.textContent !== words) this.status.textContent = words;
      this.result.say(`${this.picture}, result at ${words}`);
      this.curves.energy.tell(this.shares);
      this.curves.norm.tell(this.traces.norm);
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
    return sum ? `${(-10 * Math.log10(sum / count)).toFixed(1)}\u00a0dB` : "–";
  }

  #drawGiven() {
    this.given.draw(this.image, this.hole);
    this.brush.drawFrame();
    const missing = this.hole.reduce((sum, each) => sum + each, 0);
    this.given.say(`${this.picture} with ${missing} of ${this.size} pixels missing; `
      + "paint with the pointer, or move with the arrow keys, paint with space, erase with backspace");
  }

  /** @param {Image} image */
  #drawStart(image) {
    this.start.draw(image);
    this.start.say(`${this.picture}, the start before step 0: ${this.settings()?.start}`);
  }

  // Painting

  /**
   * Say what is under the brush that the keyboard moves.
   *
   * @param {number} row
   * @param {number} column
   */
  #tellPlace(row, column) {
    const at = row * planeOf(this.shape)[1] + column;
    const value = Math.round(100 * this.image[at]);
    const state = this.draws ? `brightness ${value} %` : this.hole[at] ? "missing" : "known";
    this.status.textContent = `row ${row + 1}, column ${column + 1}: ${state}`;
    this.#announced = performance.now(); // the descent waits for its turn
  }

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
      this.picture = "your drawing";
    } else {
      this.painted = true;
      this.hole = this.hole.slice();
      for (const i of under) this.hole[i] = on ? 1 : 0;
    }
    this.#drawGiven();
    // Once per frame is enough: a stroke has many events.
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.begin({ run: this.running || !this.draws });
    });
  }

  /**
   * @param {Image} image
   * @param {string} words - that describe it
   */
  useImage(image, words) {
    this.image = image;
    this.own = true;
    this.picture = words;
    this.begin();
  }
}

customElements.define("inpaint-live", Panel);
