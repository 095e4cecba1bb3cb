// Runs every preset of the playground in the engine and prints, as JSON, how it begins and ends.
//
// node presets.mjs ENGINE FOLDER, the folder being that of the export.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { filesOf } from "./engine.mjs";

/** @import { Descent } from "../../book/live/descent.js" */
/** @import { Image, Preset, Settings } from "../../book/live/types.d.ts" */

const [engine, folder] = process.argv.slice(2);
/** @param {string} name */
const load = (name) => import(pathToFileURL(join(engine, `${name}.js`)).href);
/** @type {typeof import("../../book/live/presets.js")} */
const { PRESETS, holeOf } = await load("presets");
/** @type {typeof import("../../book/live/model.js")} */
const { Model } = await load("model");
/** @type {typeof import("../../book/live/descent.js")} */
const descent = await load("descent");

const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf-8"));
const files = filesOf(manifest).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]);
const model = await Model.open(manifest, { files: Object.fromEntries(files) });

/** @param {Preset} preset */
async function ended(preset) {
  const { recipe: name, example, label, hole: _, ...changed } = preset.asked;
  /** @type {Settings} */
  const recipe = { ...model.manifest.recipes[name], ...changed };
  const { image } = model.example(example);
  const hole = holeOf(preset, model.manifest, image);
  const classifier = await model.classifier(recipe.classifier);
  const averages = await model.start(recipe, label);
  const made = new descent.Descent({ recipe, classifier, ...averages, image, hole, label });
  const before = seen(made, image);
  while (!made.stopped) made.step();
  const moved = Math.max(...made.image.map((value, i) => Math.abs(value - made.start[i])));
  const { steps, stopped } = made;
  return { label, missing: hole.reduce((a, b) => a + b), size: hole.length, before, after: seen(made, image), moved,
    steps, stopped };
}

/**
 * What a reader sees: the class that is read, its probability, the PSNR in the hole and its mean brightness.
 *
 * @param {Descent} made
 * @param {Image} original
 */
function seen(made, original) {
  const probabilities = made.probabilities();
  const read = probabilities.indexOf(Math.max(...probabilities));
  const missing = [...original.keys()].filter((i) => made.hole[i % made.hole.length]);
  /** @param {(i: number) => number} value */
  const mean = (value) => missing.reduce((sum, i) => sum + value(i), 0) / missing.length;
  const psnr = -10 * Math.log10(mean((i) => (made.image[i] - original[i]) ** 2));
  return {
    read, probability: probabilities[read], psnr, brightness: mean((i) => made.image[i]),
    original: mean((i) => original[i]),
  };
}

const results = {};
for (const [name, preset] of Object.entries(PRESETS)) Object.assign(results, { [name]: await ended(preset) });
console.log(JSON.stringify(results));
