// Reads links as the live page does; prints those that lead to a state that no control could have, or to no words.
// node links.mjs LINK.JS < links as JSON

import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import { pathToFileURL } from "node:url";

const link = await import(pathToFileURL(argv[2]).href);

/** As much of the export as a link is compared with. */
const manifest = {
  recipes: { r: {
    shape: [28, 28], classifier: "c", content: "scores", region: "image", start: "harmonic", total_variation: 0.1,
    rim_width: 2, binary: 0, binary_begin: 0, step_size: 0.1, tolerance: 0, max_steps: 100, momentum: 0, jitter: 0,
    patches: 0, data: "d",
  } },
  examples: { e: { shape: [28, 28] } },
  classifiers: { c: { classes: ["a", "b"] } },
  supports: { content: ["scores"], region: ["image", "rim"], start: ["harmonic", "part-mixture"] },
  averages: { d: { parts: 0 } },
  holes: { "28x28": { square: [] } },
};

/** @param {unknown} value */
const known = (value) => typeof value === "string" || (typeof value === "number" && Number.isFinite(value));

/** @param {any} state */
function possible({ settings, hole, image }) {
  const { recipe, example, label = 0, start = "harmonic", jitter = 0 } = settings;
  const { step_size: stepSize = 1, max_steps: maxSteps = 1 } = settings;
  const numbers = [stepSize, maxSteps].every((value) => Number.isFinite(value) && value >= 0);
  const whole = Number.isInteger(jitter) && jitter >= 0 && [0, 1].includes(label);
  return recipe === "r" && start === "harmonic" && example === "e" && numbers && whole &&
    hole.length === 28 * 28 && (image === null || (image.length === 28 * 28 && image.every(known)));
}

/** @param {string} text */
function right(text) {
  try {
    const state = link.read(text, manifest);
    return state === null || possible(state);
  } catch (error) {
    return error instanceof link.LinkError && error.message.length > 0 && error.message.length < 300;
  }
}

const given = JSON.parse(readFileSync(0, "utf-8"));
stdout.write(JSON.stringify(given.filter((/** @type {string} */ text) => !right(text))));
