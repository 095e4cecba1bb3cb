// Compiles book/live/multiply.wat to multiply.js beside it; with --check it only says whether that was done.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import wabt from "wabt";

const LIVE = new URL("../../book/live/", import.meta.url);
const SOURCE = new URL("multiply.wat", LIVE);
const TARGET = new URL("multiply.js", LIVE);
const WIDTH = 108; // of a line of base64

const { parseWat } = await wabt();
const module = parseWat(fileURLToPath(SOURCE), readFileSync(SOURCE, "utf-8"), { simd: true });
module.validate();
const base64 = Buffer.from(module.toBinary({}).buffer).toString("base64");
const lines = base64.match(new RegExp(`.{1,${WIDTH}}`, "g")) ?? [];
const text = `// What multiply.wat compiles to, by \`make wasm\`; a module of WebAssembly in base64.

const CODE = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");

export const BYTES = Uint8Array.from(atob(CODE), (character) => character.charCodeAt(0));
`;

if (!process.argv.includes("--check")) {
  writeFileSync(TARGET, text);
} else if (readFileSync(TARGET, "utf-8") !== text) {
  console.error("book/live/multiply.js is not what multiply.wat compiles to: run `make wasm`");
  process.exitCode = 1;
}
