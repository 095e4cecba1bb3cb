// Prints, for every folder of an engine, the first test that fails: node mutants.mjs GOLDEN ENGINE ...

import { failures, tests } from "./engine.mjs";
import { readEngine, readGolden } from "./node.mjs";

const [golden, ...engines] = process.argv.slice(2);
const said = readGolden(golden);

for (const folder of engines) {
  const [failed] = await failures(tests({ engine: await readEngine(folder), ...said }), { first: true });
  console.log(JSON.stringify(failed?.name ?? null));
}
