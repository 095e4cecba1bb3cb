// Reads under Node what the tests need.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const MODULES = ["random", "lenet", "terms", "starts", "views", "descent", "model"];

/** The engine's modules by their names. */
export async function readEngine(folder) {
  const modules = MODULES.map((name) => import(pathToFileURL(join(folder, `${name}.js`))));
  return Object.fromEntries((await Promise.all(modules)).map((module, i) => [MODULES[i], module]));
}

/** What Python wrote: {golden, manifest, files}. */
export function readGolden(folder) {
  const read = (...path) => readFileSync(join(folder, ...path));
  const manifest = JSON.parse(read("export", "manifest.json"));
  const lists = [Object.values(manifest.classifiers), ...Object.values(manifest.averages).map(({ files }) => files)];
  const files = lists.flat().map(({ file }) => [file, new Uint8Array(read("export", file))]);
  return { golden: JSON.parse(read("golden.json")), manifest, files: Object.fromEntries(files) };
}
