// Rules for the JavaScript of the book's pages and its tests. Each file may use only the globals of the places where it
// runs: the engine runs in Node, in workers and on pages, the rest of book/ on pages only.

import js from "@eslint/js";
import globals from "globals";

const ENGINE = ["descent", "lenet", "link", "model", "multiply", "product", "random", "starts", "terms", "views"];
const ENGINE_FILES = ENGINE.map((name) => `book/live/${name}.js`);
const IN_NODE = ["tests/live/{mutants,node,node.test,presets}.mjs", "tools/javascript/*.mjs"];
const WORKER = "book/live/worker.js";
const SCRIPT = "book/live/why.js"; // a classic one

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "error",
      "curly": ["error", "multi-line"],
      "default-case-last": "error",
      "eqeqeq": "error",
      "max-len": ["error", { code: 120 }],
      "no-constructor-return": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-implicit-coercion": "error",
      "no-new-wrappers": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { varsIgnorePattern: "^_$" }], // const { unwanted: _, ...rest }
      "no-useless-concat": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-object-has-own": "error",
      "prefer-template": "error",
      "require-atomic-updates": "error",
    },
  },
  {
    files: ["book/**/*.js"],
    ignores: [...ENGINE_FILES, WORKER, SCRIPT],
    languageOptions: { globals: globals.browser },
  },
  { files: [WORKER], languageOptions: { globals: globals.worker } },
  { files: [...ENGINE_FILES, "tests/live/*.mjs"], languageOptions: { globals: globals["shared-node-browser"] } },
  { files: IN_NODE, languageOptions: { globals: globals.node } },
  { files: ["book/_static/*.js", SCRIPT], languageOptions: { globals: globals.browser, sourceType: "script" } },
];
