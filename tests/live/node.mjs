// Reads under Node what the tests need.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { filesOf } from "./engine.mjs";

/** @import { Engine } from "./engine.mjs" */
/** @import { Manifest } from "../../book/live/types.d.ts" */

export const MODULES = [
  "random", "shape", "matrix", "product", "network", "lenet", "strided", "gaussians", "experts", "terms", "starts",
  "views", "descent", "model",
];

/**
 * The engine's modules.
 *
 * @param {string} folder
 * @returns {Promise<Engine>}
 */
export async function readEngine(folder) {
  const modules = MODULES.map((name) => import(pathToFileURL(join(folder, `${name}.js`)).href));
  const entries = (await Promise.all(modules)).map((module, i) => [MODULES[i], module]);
  return /** @type {Engine} */ (Object.fromEntries(entries));
}

/**
 * What Python wrote.
 *
 * @param {string} folder
 */
export function readGolden(folder) {
  /** @param {string} file */
  const json = (file) => JSON.parse(readFileSync(join(folder, file), "utf-8"));
  /** @type {Manifest} */
  const manifest = json("export/manifest.json");
  const files = filesOf(manifest).map((file) => [file, new Uint8Array(readFileSync(join(folder, "export", file)))]);
  return { golden: json("golden.json"), manifest, files: Object.fromEntries(files) };
}
