// Runs the engine's tests in a page that is served from the folder of what Python wrote, the engine in live/.

import { failures, tests } from "./engine.mjs";

const json = async (file) => (await fetch(file)).json();
const bytes = async ({ file }) => [file, new Uint8Array(await (await fetch(`export/${file}`)).arrayBuffer())];

/** Given the names of the engine's modules, return how many tests there are, and those that failed. */
export async function run(names) {
  const modules = names.map(async (name) => [name, await import(`./live/${name}.js`)]);
  const engine = Object.fromEntries(await Promise.all(modules));
  const manifest = await json("export/manifest.json");
  const lists = [Object.values(manifest.classifiers), ...Object.values(manifest.averages).map(({ files }) => files)];
  const files = Object.fromEntries(await Promise.all(lists.flat().map(bytes)));
  const all = tests({ engine, golden: await json("golden.json"), manifest, files });
  return [all.length, await failures(all)];
}
