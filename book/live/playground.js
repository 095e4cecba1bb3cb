// The tools of the playground: presets, drawing, the reader's own picture, a picture to save, a link, and a comparison.
//
// Loaded after the panel, which runs without them.

import { read, write, LinkError } from "./link.js";
import { button, foldable, labelled, make } from "./parts.js";
import { Pixels } from "./pixels.js";
import { PRESETS, holeOf } from "./presets.js";
import { lengthOf, planeOf } from "./shape.js";

/** @import { Panel } from "./panel.js" */
/** @import { Preset } from "./types.d.ts" */

export class Playground {
  #panel;
  #words = make("p", "live-words");
  #linked = make("p", "live-words"); // beside its button: the presets' words are out of sight there
  /** @type {import("./compare.js").Comparison | undefined} */
  #comparison;

  /** @param {Panel} panel */
  constructor(panel) {
    this.#panel = panel;
    for (const told of [this.#words, this.#linked]) told.setAttribute("role", "status");
    this.presets = make("div", "live-presets", "",
      make("div", "live-buttons", "",
        ...Object.entries(PRESETS).map(([name, preset]) => {
          const element = button(preset.title, () => this.#take(preset));
          element.dataset.preset = name;
          return element;
        })),
      this.#words);
    this.presets.setAttribute("role", "group");
    this.presets.setAttribute("aria-label", "Things to try");
    this.photo = make("div", "live-photo");
    this.element = foldable("Draw, your own picture, save, share, compare", false,
      this.#drawing(), this.#linked, this.photo);
  }

  #drawing() {
    const panel = this.#panel;
    return make("div", "live-buttons live-tools", "",
      labelled("live-check", "Draw on the picture, not the hole", { type: "checkbox" }, (input) => {
        panel.draws = input.checked;
      }),
      labelled("live-check", "Brush", { type: "range", min: "0", max: "4", value: "1" }, (input) => {
        panel.brush.radius = input.valueAsNumber;
      }),
      button("Empty picture", () => {
        panel.useImage(new Float64Array(lengthOf(panel.shape)).fill(panel.paper), "an empty picture");
      }),
      button("No hole", () => { this.#paint(new Uint8Array(panel.size)); panel.begin(); }),
      labelled("live-check live-file", "Your own picture", { type: "file", accept: "image/*" }, (input) => {
        const file = input.files?.[0];
        if (file) this.#useFile(file);
        input.value = "";
      }),
      button("Save as PNG", () => this.#save()),
      button("Link to this", () => this.#share()),
      button("Compare", () => this.#compare()));
  }

  /** @param {Preset} preset */
  #take(preset) {
    const panel = this.#panel;
    const { manifest } = panel;
    if (!manifest) return;
    panel.ask(preset.asked);
    if (!preset.asked.hole) this.#paint(holeOf(preset, manifest, panel.image));
    this.#words.textContent = preset.words;
    panel.begin({ run: true });
  }

  /** @param {Uint8Array} hole - other than those of the list */
  #paint(hole) {
    Object.assign(this.#panel, { hole, painted: true });
  }

  /** @param {File} file */
  async #useFile(file) {
    const panel = this.#panel;
    panel.tellProblem("", { again: false });
    const module = await import("./photo.js").catch(() => null);
    if (module === null) {
      this.#tellMissing("The tools for pictures", "choose the picture again");
      return;
    }
    try {
      await new module.Photo(panel, this.photo).open(file);
    } catch (error) {
      const known = error instanceof Error && error.name === "UploadError";
      panel.tellProblem(known ? error.message : "This picture cannot be used.", { again: false });
    }
  }

  #save() {
    const panel = this.#panel;
    if (!panel.latest) return;
    const { image, step } = panel.latest;
    const picture = new Pixels("");
    picture.resize(planeOf(panel.shape));
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
    const panel = this.#panel;
    const { asked, hole, own, latest, run } = panel;
    panel.setRunning(false);
    const result = latest && latest.run === run && latest.step > 0 ? { image: latest.image, steps: latest.step } : null;
    const text = write({ settings: asked, hole, image: own ? panel.image : null, resumed: result });
    if (globalThis.origin === "null" && globalThis.top !== globalThis.self) {
      panel.tellProblem("A closed frame has no address to link to; open the playground by itself.", { again: false });
      return;
    }
    history.replaceState(null, "", `#${text}`);
    const tell = (/** @type {string} */ where) => { this.#linked.textContent = `The link is ${where}.`; };
    tell("in the address bar");
    navigator.clipboard?.writeText(location.href).then(() => tell("in the clipboard and in the address bar"), () => {});
  }

  /**
   * Restore the state that the page's address holds; returns whether it holds one. One that cannot be restored is
   * refused with words.
   */
  recall() {
    const panel = this.#panel;
    if (!panel.manifest) return false;
    let state;
    try {
      state = read(location.hash.slice(1), panel.manifest);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      panel.begin({ run: false });
      panel.tellProblem(`The link cannot be followed: ${error.message}. You see the default instead.`, {
        again: false,
      });
      return true;
    }
    if (!state) return false;
    panel.ask(state.settings);
    if (panel.hole.join() !== state.hole.join()) this.#paint(state.hole);
    if (state.image) Object.assign(panel, { image: state.image, own: true, picture: "your picture" });
    panel.begin({ run: false, resumed: state.resumed });
    return true;
  }

  async #compare() {
    const panel = this.#panel;
    panel.tellProblem("", { again: false });
    try {
      const { Comparison } = await import("./compare.js");
      this.#comparison?.close();
      this.#comparison = this.#comparison ? undefined : new Comparison(panel);
    } catch {
      this.#tellMissing("The comparison", "press the button again");
    }
  }

  /**
   * Say that a part of the tools did not arrive.
   *
   * @param {string} part
   * @param {string} deed - that asks for it once more
   */
  #tellMissing(part, deed) {
    this.#panel.tellProblem(`${part} could not be loaded; check the connection and ${deed}.`, { again: false });
  }
}
