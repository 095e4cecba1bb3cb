// Runs the engine's tests in a page that is served from the folder of what Python wrote, the engine in live/.

import { failures, filesOf, tests } from "./engine.mjs";

/** @param {string} file */
const json = async (file) => (await fetch(file)).json();

/** @param {string} file */
const bytes = async (file) => [file, new Uint8Array(await (await fetch(`export/${file}`)).arrayBuffer())];

/**
 * Return how many tests there are, and those that failed.
 *
 * @param {string[]} names - of the engine's modules
 */
export async function run(names) {
  const modules = names.map(async (name) => [name, await import(`./live/${name}.js`)]);
  const engine = Object.fromEntries(await Promise.all(modules));
  const manifest = await json("export/manifest.json");
  const files = Object.fromEntries(await Promise.all(filesOf(manifest).map(bytes)));
  const all = tests({ engine, golden: await json("golden.json"), manifest, files });
  return [all.length, await failures(all)];
}
