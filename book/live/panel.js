// <inpaint-live>: a panel in which the reader runs the descent, here on the page.
//
// Its attributes say what it begins with:
//   data-manifest   address of the manifest that inpaintlib/export.py wrote
//   data-example    name of the picture, and data-hole of its hole; or the chapter's own, as JSON:
//   data-picture    like an example of the manifest
//   data-rectangle  top, left, height and width of a hole
//   data-recipe     name of the recipe, and data-settings, JSON, what differs from it
//   data-controls   names of the controls that are shown, see controls.js
//   data-playground whether the reader can draw, upload, download and share
// The work is done by worker.js; this file only asks, draws, and says in words what is seen.

import { Bars, Curve, Trace, number } from "./charts.js";
import { CONTROLS, Control, FASTEST } from "./controls.js";
import { grey, withBytes } from "./model.js";
import { Brush, Pixels } from "./pixels.js";

const ANNOUNCED_EVERY = 2500; // ms, for screen readers
const DRAWN_EVERY_IF_CALM = 1000; // ms, where the reader asked for little motion

// The one-file version, see book/_ext/live.py, cannot load other files, so it brings them along.
const ONE_FILE = globalThis.inpaintLive;

// The name of the chapter's own picture and hole among the others.
const CHAPTERS = "as in the chapter";

/** Make an element with a class, a text and children. */
function make(tag, name, text = "", ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function newWorker() {
  return ONE_FILE?.worker() ?? new Worker(new URL("worker.js", import.meta.url), { type: "module" });
}

export class Panel extends HTMLElement {
  #built = false;

  connectedCallback() {
    if (!this.#built) this.#build();
    this.#built = true;
    this.#watcher = new IntersectionObserver((entries) => this.#seen(entries.at(-1).isIntersecting), {
      rootMargin: "200px",
    });
    this.#watcher.observe(this);
    addEventListener("pagehide", this.#leave);
    document.addEventListener("visibilitychange", this.#hide);
  }

  disconnectedCallback() {
    this.#watcher.disconnect();
    removeEventListener("pagehide", this.#leave);
    document.removeEventListener("visibilitychange", this.#hide);
    this.#close();
  }

  // What the reader sees

  #build() {
    const { controls = "", playground } = this.dataset;
    this.isPlayground = playground !== undefined;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");

    this.given = new Pixels("the picture with its hole");
    this.result = new Pixels("the picture as it is now");
    this.brush = new Brush(this.given, {
      paint: (under, on) => this.#paint(under, on),
      moved: () => this.#drawGiven(),
    });
    this.bars = new Bars();
    this.curves = { energy: new Curve("energy"), norm: new Curve("gradient norm", { log: true }) };
    this.traces = { energy: new Trace(), norm: new Trace() };

    this.runButton = this.#button("Run", () => this.#setRunning(!this.running));
    const stepButton = this.#button("One step", () => { this.#setRunning(false); this.#send({ type: "step" }); });
    const restartButton = this.#button("Begin anew", () => this.#begin());
    const rub = make("label", "live-check", "rub out", make("input"));
    rub.lastChild.type = "checkbox";
    rub.lastChild.addEventListener("change", () => { this.brush.erases = rub.lastChild.checked; });
    this.buttons = make("div", "live-buttons", "", this.runButton, stepButton, restartButton, rub);

    this.controls = {};
    const grid = make("div", "live-controls");
    for (const name of controls.split(/\s+/).filter((each) => each in CONTROLS)) {
      this.controls[name] = new Control(name, (control) => this.#changed(control));
      grid.append(...this.controls[name].parts);
    }

    this.line = make("p", "live-line");
    this.line.setAttribute("aria-hidden", "true");
    this.status = make("p", "live-status");
    this.status.setAttribute("role", "status");
    this.problem = make("p", "live-problem");
    this.problem.setAttribute("role", "alert");
    this.progress = make("progress");
    this.progress.hidden = true;
    this.progress.setAttribute("aria-label", "loading the classifier");

    const frame = (pixels, words) => make("figure", "live-frame", "", pixels.element, make("figcaption", "", words));
    this.body = make("div", "live-body", "",
      make("div", "live-stage", "",
        frame(this.given, "with its hole: paint on it"), frame(this.result, "as it is now"), this.bars.element),
      this.line, this.status, this.progress, this.problem, this.buttons,
      ...(this.isPlayground ? [this.#tools()] : []),
      grid,
      make("div", "live-curves", "", this.curves.energy.element, this.curves.norm.element));
    this.body.hidden = true;
    this.setAttribute("role", "group");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", "The descent, running on this page");
    this.append(this.body);
  }

  #button(words, act) {
    const button = make("button", "live-button", words);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  /** What only the playground has: drawing, the brush's size, upload, download and a link. */
  #tools() {
    const ink = make("label", "live-check", "draw on the picture, not the hole", make("input"));
    ink.lastChild.type = "checkbox";
    ink.lastChild.addEventListener("change", () => { this.draws = ink.lastChild.checked; });
    const size = make("label", "live-check", "brush", make("input"));
    Object.assign(size.lastChild, { type: "range", min: 0, max: 4, value: 1 });
    size.lastChild.addEventListener("input", () => { this.brush.radius = size.lastChild.valueAsNumber; });
    const upload = make("label", "live-check live-file", "your own picture", make("input"));
    Object.assign(upload.lastChild, { type: "file", accept: "image/*" });
    upload.lastChild.addEventListener("change", () => {
      if (upload.lastChild.files.length) this.#upload(upload.lastChild.files[0]);
      upload.lastChild.value = "";
    });
    this.shareButton = this.#button("Link to this", () => this.#share());
    return make("div", "live-buttons live-tools", "",
      ink, size,
      this.#button("Empty picture", () => this.#useImage(new Float64Array(this.size), "an empty picture")),
      this.#button("No hole", () => { this.hole = new Uint8Array(this.size); this.#begin(); }),
      upload, this.#button("Save as PNG", () => this.#save()), this.shareButton);
  }

  // Coming, going, and the worker

  #watcher;

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
      this.#fail("The part of this page that computes could not be loaded; please reload the page.");
    });
    const manifest = ONE_FILE?.manifest ?? new URL(this.dataset.manifest, document.baseURI).href;
    this.#send({ type: "open", manifest, files: ONE_FILE?.files });
  }

  #close() {
    this.worker?.terminate();
    this.worker = null;
    this.#setRunning(false);
  }

  #send(message) {
    this.worker?.postMessage(message);
  }

  #heard(message) {
    if (message.type === "opened") this.#opened(message.manifest);
    else if (message.type === "loading") this.#loading(message);
    else if (message.type === "problem") this.#fail(message.text);
    else if (message.type === "state" && message.run === this.run) this.#state(message);
  }

  #fail(text) {
    this.failed = true;
    this.progress.hidden = true;
    this.problem.textContent = text;
    this.body.hidden = false;
    this.#close();
  }

  #loading({ received, total }) {
    this.progress.hidden = received >= total;
    Object.assign(this.progress, { max: total, value: received });
  }

  // The state: what is asked for

  async #opened(manifest) {
    const first = !this.manifest;
    this.manifest = manifest;
    const { picture } = this.dataset;
    if (picture) manifest.examples[CHAPTERS] = withBytes(JSON.parse(picture));
    if (this.isPlayground) {
      [this.link, this.upload] = await Promise.all([import("./link.js"), import("./upload.js")]);
    }
    if (first) {
      const own = { example: picture && CHAPTERS, hole: this.dataset.rectangle ? CHAPTERS : "rectangle" };
      const { recipe = "digits", example = own.example, hole = own.hole, settings = "{}" } = this.dataset;
      this.fixed = JSON.parse(settings);
      this.asked = { recipe, example, hole, seed: 0, speed: FASTEST, side: 10, threshold: 0.1 };
      for (const name of Object.keys(this.fixed)) if (name in CONTROLS) this.asked[name] = this.fixed[name];
      this.#choose();
      if (this.isPlayground) this.#recall();
    }
    this.body.hidden = false;
    this.dataset.ready = "";
    this.#begin({ run: false });
  }

  /** Settle what follows from the recipe and the picture: the choices, the image, its hole and label. */
  #choose() {
    const { recipes, examples, holes } = this.manifest;
    const recipe = recipes[this.asked.recipe];
    const ours = Object.entries(examples).filter(([, each]) => each.shape.join() === recipe.shape.join());
    if (!ours.some(([name]) => name === this.asked.example)) {
      this.asked.example = ours[0][0];
      delete this.asked.label;
    }
    this.example = examples[this.asked.example];
    this.shape = this.example.shape;
    this.size = this.shape[0] * this.shape[1];
    this.classes = this.manifest.classifiers[recipe.classifier].classes;
    this.choices = {
      recipes: Object.keys(recipes),
      examples: ours.map(([name, each]) => ({ value: name, text: each.title })),
      labels: this.classes.map((text, value) => ({ value, text })),
      holes: [...(this.dataset.rectangle ? [CHAPTERS] : []), ...Object.keys(holes[this.shape.join("x")])],
    };
    this.asked.label ??= this.example.label;
    this.image = grey(this.example.pixels);
    this.picture = this.example.title;
    this.own = false;
    for (const pixels of [this.given, this.result]) pixels.resize(this.shape);
    this.bars.reset(this.classes);
    this.#cut();
    this.#fill();
  }

  /** Make the hole that the controls ask for. */
  #cut() {
    const [height, width] = this.shape;
    if ("threshold" in this.controls) {
      this.hole = Uint8Array.from(this.image, (value) => value < this.asked.threshold);
    } else if ("side" in this.controls) {
      const half = this.asked.side / 2;
      const [middle, centre] = this.example.centre;
      this.hole = Uint8Array.from({ length: this.size }, (_, i) =>
        Math.abs(Math.floor(i / width) + 0.5 - middle) < half && Math.abs((i % width) + 0.5 - centre) < half);
    } else if (this.asked.hole === CHAPTERS) {
      const [top, left, tall, wide] = JSON.parse(this.dataset.rectangle);
      this.hole = Uint8Array.from({ length: this.size }, (_, i) => {
        const [row, column] = [Math.floor(i / width) - top, (i % width) - left];
        return row >= 0 && row < tall && column >= 0 && column < wide;
      });
    } else {
      const kinds = this.manifest.holes[`${height}x${width}`];
      if (!(this.asked.hole in kinds)) [this.asked.hole] = Object.keys(kinds);
      const bits = kinds[this.asked.hole];
      this.hole = Uint8Array.from({ length: this.size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
    }
  }

  /** Show in every control what is asked for. */
  #fill() {
    for (const [name, control] of Object.entries(this.controls)) {
      control.fill(this, control.kind.setting ? this.#settings()[name] : this.asked[name]);
    }
  }

  #settings() {
    const known = this.manifest.recipes[this.asked.recipe];
    const changed = Object.entries(this.asked).filter(([name]) => CONTROLS[name]?.setting);
    return { ...known, ...this.fixed, ...Object.fromEntries(changed) };
  }

  #changed(control) {
    this.asked[control.name] = control.value;
    if (control.name === "recipe") {
      // A recipe is a complete set of choices, so what was changed before goes.
      this.fixed = {};
      for (const name of Object.keys(CONTROLS)) if (CONTROLS[name].setting) delete this.asked[name];
      const { image, hole, own, picture } = this;
      const before = this.shape.join();
      this.#choose();
      if (this.shape.join() === before) {
        Object.assign(this, { image, hole, own, picture });
      }
    } else if (control.name === "example") {
      delete this.asked.label;
      this.#choose();
    } else if (["hole", "side", "threshold"].includes(control.name)) {
      this.#cut();
    } else if (control.name === "speed") {
      this.#pace();
      return;
    }
    if (control.kind.restarts || this.stopped) this.#begin({ run: true });
    else {
      this.#send({ type: "change", settings: this.#settings(), label: this.asked.label });
      this.#setRunning(true);
    }
  }

  /** Begin the descent anew with what is asked for. */
  #begin({ run = this.running } = {}) {
    this.run = (this.run ?? 0) + 1;
    this.stopped = null;
    for (const trace of Object.values(this.traces)) trace.clear();
    this.#drawGiven();
    this.#send({
      type: "begin",
      run: this.run,
      settings: this.#settings(),
      image: this.image,
      hole: this.hole,
      label: this.asked.label,
      seed: this.asked.seed,
    });
    this.#setRunning(run);
    this.#send({ type: "draw" });
  }

  #setRunning(running) {
    this.running = running;
    this.runButton.textContent = running ? "Pause" : "Run";
    if (running && this.stopped) this.#begin({ run: true });
    else this.#pace();
  }

  /** Tell the worker whether and how fast to go on: not while nobody looks. */
  #pace() {
    const awake = this.running && this.visible && !document.hidden;
    this.#send({ type: "pace", running: awake, speed: this.asked?.speed ?? FASTEST });
  }

  // The state: what came of it

  #state(state) {
    this.latest = state;
    for (const name of ["energy", "norm"]) for (const value of state.points[name]) this.traces[name].add(value);
    if (state.stopped) {
      this.stopped = state.stopped;
      this.running = false;
      this.runButton.textContent = "Run";
    }
    requestAnimationFrame(() => {
      if (state.run !== this.run) return;
      this.#draw();
      const wait = this.calm.matches ? DRAWN_EVERY_IF_CALM : 0;
      setTimeout(() => this.#send({ type: "draw" }), wait);
    });
  }

  #draw() {
    const { image, step, energy, probabilities } = this.latest;
    this.result.draw(image);
    this.bars.draw(probabilities, this.asked.label);
    // Where the weight of a term grows, so may the energy, although every step goes downhill.
    this.curves.energy.title = this.#settings().binary ? "energy, its binary part growing" : "energy";
    this.curves.energy.draw(this.traces.energy);
    this.curves.norm.draw(this.traces.norm);
    const best = probabilities.reduce((most, value, i) => (value > probabilities[most] ? i : most), 0);
    const reads = `reads as ${this.classes[best]} with ${Math.round(100 * probabilities[best])} %`;
    const ends = this.stopped ? `, stopped: ${this.stopped}` : "";
    const words = `step ${step}, energy ${number(energy)}, ${reads}${ends}`;
    this.line.textContent = `${words}${this.own ? "" : `; PSNR in the hole ${this.#psnr(image)}`}`;
    this.dataset.step = step;
    const now = performance.now();
    if (this.stopped || !this.running || now - (this.announced ?? 0) > ANNOUNCED_EVERY) {
      this.announced = now;
      if (this.status.textContent !== words) this.status.textContent = words;
      this.result.say(`${this.picture} as it is now: ${words}`);
    }
  }

  #psnr(image) {
    let [sum, count] = [0, 0];
    this.hole.forEach((missing, i) => {
      if (!missing) return;
      count++;
      sum += (image[i] - this.image[i]) ** 2;
    });
    return sum ? `${(-10 * Math.log10(sum / count)).toFixed(1)} dB` : "–";
  }

  #drawGiven() {
    if (!this.image) return;
    this.given.draw(this.image, this.hole);
    this.brush.drawFrame();
    const missing = this.hole.reduce((sum, each) => sum + each, 0);
    this.given.say(`${this.picture} with ${missing} of ${this.size} pixels missing; ` +
      "paint with the pointer, or move with the arrow keys, paint with space, rub out with backspace");
  }

  // What the reader does to the picture

  #paint(under, on) {
    if (this.draws) {
      this.image = this.image.slice();
      for (const i of under) this.image[i] = on ? 1 : 0;
      this.own = true;
    } else {
      this.hole = this.hole.slice();
      for (const i of under) this.hole[i] = on ? 1 : 0;
    }
    this.#drawGiven();
    // Once a frame is enough: a stroke brings many events.
    this.pending ??= requestAnimationFrame(() => { this.pending = null; this.#begin({ run: this.running || !this.draws }); });
  }

  #useImage(image, words) {
    Object.assign(this, { image, own: true, picture: words });
    this.#begin();
  }

  async #upload(file) {
    this.problem.textContent = "";
    try {
      const digit = this.manifest.recipes[this.asked.recipe].data === "mnist";
      this.#useImage(await this.upload.readPicture(file, this.shape, { digit }), "your picture");
    } catch (error) {
      this.problem.textContent = error instanceof this.upload.UploadError ? error.message : "This picture cannot be used.";
    }
  }

  #save() {
    if (!this.latest) return;
    const picture = new Pixels("");
    picture.resize(this.shape);
    picture.draw(this.latest.image);
    picture.element.toBlob((blob) => {
      const anchor = make("a");
      anchor.href = URL.createObjectURL(blob);
      anchor.download = `inpainted-step-${this.latest.step}.png`;
      anchor.click();
      URL.revokeObjectURL(anchor.href);
    });
  }

  #share() {
    const state = { settings: this.asked, hole: this.hole, image: this.own ? this.image : null };
    history.replaceState(null, "", `#${this.link.write(state)}`);
    navigator.clipboard?.writeText(location.href).then(
      () => { this.status.textContent = "The link is in the clipboard and in the address bar."; },
      () => { this.status.textContent = "The link is in the address bar."; },
    );
    this.line.textContent = "The link is in the address bar.";
  }

  /** Take up the state that the page's address holds, if it holds one. */
  #recall() {
    const { recipes, examples } = this.manifest;
    const state = this.link.read(location.hash.slice(1), ({ recipe, example }) => {
      const { shape } = recipes[recipe];
      if (examples[example].shape.join() !== shape.join()) throw new Error("another shape");
      return shape[0] * shape[1];
    });
    if (state === null) return;
    const known = Object.entries(state.settings).filter(([name]) => name in CONTROLS);
    this.asked = { ...this.asked, ...Object.fromEntries(known) };
    this.#choose();
    this.hole = state.hole;
    if (state.image) Object.assign(this, { image: state.image, own: true, picture: "your picture" });
    this.#fill();
  }
}

customElements.define("inpaint-live", Panel);
