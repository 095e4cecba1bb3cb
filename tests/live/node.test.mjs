// Runs the engine's tests under Node's test runner: ENGINE is the engine's folder, GOLDEN that of what Python wrote.

import { test } from "node:test";

import { tests } from "./engine.mjs";
import { readEngine, readGolden } from "./node.mjs";

const { ENGINE = "", GOLDEN = "" } = process.env;

for (const { name, run } of tests({ engine: await readEngine(ENGINE), ...readGolden(GOLDEN) })) test(name, run);
