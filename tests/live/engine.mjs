// What the engine of the live pages has to do. Run in Node by node.test.mjs, and in a browser by test_live_engine.py.
//
// Most tests compare the engine with golden values, which inpaintlib computes in float64 before each run.

/** @import { Descent } from "../../book/live/descent.js" */
/** @import { Classifier, Files, Image, ImageShape, Manifest, Recipe, Tensors } from "../../book/live/types.d.ts" */

/**
 * The engine's modules by their names.
 *
 * @typedef {object} Engine
 * @property {typeof import("../../book/live/random.js")} random
 * @property {typeof import("../../book/live/shape.js")} shape
 * @property {typeof import("../../book/live/matrix.js")} matrix
 * @property {typeof import("../../book/live/product.js")} product
 * @property {typeof import("../../book/live/network.js")} network
 * @property {typeof import("../../book/live/lenet.js")} lenet
 * @property {typeof import("../../book/live/strided.js")} strided
 * @property {typeof import("../../book/live/gaussians.js")} gaussians
 * @property {typeof import("../../book/live/experts.js")} experts
 * @property {typeof import("../../book/live/terms.js")} terms
 * @property {typeof import("../../book/live/starts.js")} starts
 * @property {typeof import("../../book/live/views.js")} views
 * @property {typeof import("../../book/live/descent.js")} descent
 * @property {typeof import("../../book/live/model.js")} model
 */

/** @typedef {{ name: string, run: () => void | Promise<void> }} Test */

/**
 * All files that a manifest names.
 *
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function filesOf({ classifiers, averages }) {
  const entries = [Object.values(classifiers), ...Object.values(averages).map(({ files }) => files)].flat();
  return entries.flatMap((entry) => ("file" in entry ? entry.file : [])); // a sum of classifiers has none
}

/**
 * All tests.
 *
 * @param {object} given
 * @param {Engine} given.engine
 * @param {any} given.golden - what golden.py wrote, read from JSON
 * @param {Manifest} given.manifest - of the exported files
 * @param {Record<string, Uint8Array<ArrayBuffer>>} given.files - their contents
 */
export function tests({ engine, golden, manifest, files }) {
  const { random, product, lenet, strided, experts, terms, starts, views, descent, model } = engine;
  /** @type {ReturnType<typeof model.Model.open> | undefined} once for all tests */
  let opened;
  const open = () => (opened ??= model.Model.open(manifest, { files }));
  /** @type {Test[]} */
  const all = [];
  /** @type {(name: string, run: Test["run"]) => void} */
  const test = (name, run) => { all.push({ name, run }); };

  // Random numbers

  for (const { seed, draws } of golden.draws) {
    test(`draws of seed ${seed} are torch's, bit by bit`, () => {
      const generator = new random.Generator(seed);
      for (const { kind, range, values } of draws) {
        const [low, high] = range;
        /** @type {Record<string, () => number>} */
        const kinds = {
          integer: () => generator.integer(low, high),
          single: () => generator.single(),
          double: () => generator.double(),
        };
        equal(values.map(kinds[kind]).join(), values.join(), kind);
      }
    });
  }

  // Files

  test("the engine and the export know the same names", () => {
    const { content, region, start, settings } = manifest.supports;
    equal(Object.keys(terms.CONTENTS).join(), content.join(), "content terms");
    equal(Object.keys(terms.REGIONS).join(), region.join(), "regions");
    equal(Object.keys(starts.STARTS).sort().join(), [...start].sort().join(), "starts");
    equal(["classifier", ...descent.SETTINGS].join(), settings.join(), "settings");
  });

  test("every float16 is read as Python reads it", () => {
    const wanted = floats(golden.halves);
    wanted.forEach((value, i) => {
      if (!Object.is(model.half(i), value)) throw new Error(`half(${i}): got ${model.half(i)}, wanted ${value}`);
    });
  });

  test("examples and holes are read as Python has them", async () => {
    const read = await open();
    for (const [name, image] of Object.entries(golden.examples)) {
      equal(read.example(name).image.join(), floats(image).join(), name);
    }
    for (const [name, hole] of Object.entries(golden.holes)) {
      const [shape, kind] = name.split("/");
      const [height, width] = shape.split("x").map(Number);
      equal(read.hole([height, width], kind).join(""), hole, name);
    }
  });

  test("a classifier that was loaded before is the same one", async () => {
    const read = await open();
    equal(await read.classifier("digits-robust"), await read.classifier("digits-robust"), "classifier");
  });

  test("the members of a sum are the classifiers of their names", async () => {
    const read = await open();
    const sum = /** @type {InstanceType<Engine["experts"]["Experts"]>} */ (await read.classifier("digits-experts"));
    equal(sum, await read.classifier("digits-experts"), "sum");
    equal(sum.members[0].network, await read.classifier("digits-gaussians"), "first member");
    equal(sum.members[1].network, await read.classifier("digits-absolute"), "second member");
  });

  test("a file that is missing, truncated or broken, and an unknown name, give a sentence", async () => {
    const [file] = filesOf({ ...manifest, averages: {} }).filter((name) => name.startsWith("digits-robust"));
    /** @param {Files} changed */
    const load = async (changed, name = "digits-robust") =>
      (await model.Model.open(manifest, { files: { ...files, ...changed } })).classifier(name);
    const { [file]: _, ...others } = files;
    const withoutFile = await model.Model.open(manifest, { files: others });
    const broken = files[file].slice();
    broken[1000] ^= 1;
    await fails(() => withoutFile.classifier("digits-robust"), /missing/);
    await fails(() => load({ [file]: files[file].slice(0, -2) }), /truncated/);
    if (globalThis.crypto?.subtle) await fails(() => load({ [file]: broken }), /broken/);
    await fails(() => load({}, "digits-other"), /no classifier digits-other; known are/);
    await fails(() => model.Model.open({ ...manifest, format: 0 }), /format 0/);
    const read = await open();
    await fails(() => read.example("digit-x"), /^There is no example digit-x; known are/);
    await fails(() => read.hole([28, 28], "round"), /^There is no hole round; known are/);
    await fails(() => read.hole([9, 9], "round"), /^There is no shape 9x9; known are/);
  });

  // The product of matrices

  for (const [rows, inner, columns] of [[1, 1, 1], [4, 3, 4], [5, 7, 9], [49, 36, 6], [2, 48, 25]]) {
    test(`product of ${rows}×${inner} and ${inner}×${columns}, with WebAssembly and without`, () => {
      const [a, b, c] = [rows * inner, inner * columns, rows * columns].map((count, seed) => noise(count, seed));
      const wanted = Array.from(c, (value, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        let sum = value;
        for (let k = 0; k < inner; k++) sum += a[row * inner + k] * b[k * columns + column];
        return sum;
      });
      for (const code of [product.CODE, null]) {
        const made = new product.Product(rows, inner, b, code);
        for (const turn of ["first", "second"]) {
          made.a.set(a);
          c.forEach((value, i) => { made.c[Math.floor(i / columns) * made.stride + (i % columns)] = value; });
          made.run();
          const got = wanted.map((_, i) => made.c[Math.floor(i / columns) * made.stride + (i % columns)]);
          close(got, wanted, 0, `${turn} time, ${code ? "with" : "without"} WebAssembly`);
        }
      }
    });
  }

  test("WebAssembly is used where it is", () => {
    equal(product.CODE instanceof WebAssembly.Module, true, "compiled");
    const page = 65536;
    const bytes = (/** @type {WebAssembly.Module | null} */ code) =>
      new product.Product(4, 4, new Float64Array(16), code).a.buffer.byteLength;
    equal(bytes(product.CODE), page, "bytes of its memory");
    equal(bytes(null) < page, true, "less without");
  });

  // The classifier and the content terms

  for (const { classifier, image, label, scores, probabilities, contents } of golden.scores) {
    test(`${classifier}: scores, and the gradients of every content term`, async () => {
      const net = await (await open()).classifier(classifier);
      const given = floats(image);
      close(net.forward(given), floats(scores), 1e-12, "scores");
      close(net.probabilities(given), floats(probabilities), 1e-12, "probabilities");
      for (const [content, { value, gradient }] of Object.entries(contents)) {
        const slope = new Float64Array(net.scores);
        close([terms.CONTENTS[content](net.forward(given), label, slope)], [value], 1e-12, content);
        close(net.backward(slope), floats(gradient), 1e-12, `gradient of ${content}`);
      }
      const slope = new Float64Array(net.scores);
      close([net.forward(given, label)[label]], [floats(scores)[label]], 1e-12, "score of the label alone");
      terms.CONTENTS["negative-score"](net.forward(given, label), label, slope);
      close(net.backward(slope), floats(contents["negative-score"].gradient), 1e-12, "its gradient");
    });
  }

  test("networks for colour of every kind, and their sum", () => {
    const { shape, label, image, networks, weights, sum } = golden.untrained;
    const about = { name: "untrained", shape, classes: [..."abcd"] };
    /** @type {Record<string, typeof lenet.LeNet | typeof strided.StridedNet>} */
    const kinds = { lenet: lenet.LeNet, strided: strided.StridedNet };
    const given = floats(image);
    /** @type {(net: Classifier, wanted: { scores: string, gradient: string }, what: string) => void} */
    const check = (net, wanted, what) => {
      close(net.forward(given), floats(wanted.scores), 1e-12, `scores of ${what}`);
      const slope = new Float64Array(net.scores);
      slope[label] = 1;
      close(net.backward(slope), floats(wanted.gradient), 1e-12, `gradient of ${what}`);
    };
    const members = networks.map((/** @type {any} */ { kind, tensors, ...wanted }, /** @type {number} */ i) => {
      const weight = weights[i];
      const read = Object.entries(/** @type {Record<string, string>} */ (tensors));
      const network = new kinds[kind](about, Object.fromEntries(read.map(([key, text]) => [key, floats(text)])));
      check(network, wanted, kind);
      return { weight, network };
    });
    check(new experts.Experts(about, members), sum, "sum");
  });

  for (const { content, scores, label, value, slope } of golden.contents) {
    test(`${content} of scores ${scores.join(", ")}`, () => {
      const got = new Float64Array(scores.length).fill(NaN);
      close([terms.CONTENTS[content](Float64Array.from(scores), label, got)], [value], 1e-12, "value");
      close(got, slope, 1e-12, "slope");
    });
  }

  // The other terms

  for (const { name, image, shape, hole, width, value, gradient, binary } of golden.variations) {
    test(`total variation and binary penalty of ${name}`, () => {
      const given = floats(image);
      const slope = new Float64Array(given.length).fill(NaN);
      const region = hole === null ? null : terms.REGIONS.rim(bits(hole), shape, { rim_width: width });
      close([terms.totalVariation(given, shape, region, slope)], [value], 1e-12, "total variation");
      close(slope, floats(gradient), 1e-12, "its gradient");
      close([terms.binary(given, slope)], [binary.value], 1e-12, "binary penalty");
      close(slope, floats(binary.gradient), 1e-12, "its gradient");
    });
  }

  for (const { shape, kind, hole, width, rim } of golden.rims) {
    test(`rim of ${kind}, ${shape.join("×")}, width ${width}`, () => {
      const got = terms.REGIONS.rim(bits(hole), shape, { rim_width: width });
      equal(got === null ? "1".repeat(hole.length) : got.join(""), rim, "rim");
    });
  }

  for (const { end, begin, progress, value } of golden.ramps) {
    test(`ramp to ${end} from ${begin} at ${progress}`, () => {
      close([terms.ramp(end, begin, progress)], [value], 1e-15, "weight");
    });
  }

  // Views

  for (const { seed, shape, recipe, image, shown } of golden.views) {
    test(`views with jitter ${recipe.jitter} and ${recipe.patches} patches, seed ${seed}`, () => {
      const view = new views.Views(shape, recipe, new random.Generator(seed));
      equal(view.count, shown.length, "how many");
      shown.forEach((/** @type {string} */ wanted, /** @type {number} */ index) => {
        const given = floats(image);
        const got = new Float64Array(given.length).fill(NaN);
        view.show(given, index, got);
        close(got, floats(wanted), 0, `view ${index}`);
        // What comes back is the adjoint: ⟨show x, y⟩ = ⟨x, back y⟩.
        const y = got.map((_, i) => Math.sin(i));
        const back = new Float64Array(given.length);
        view.back(y, index, 0.5, back);
        close([dot(given, back)], [0.5 * dot(got, y)], 1e-12, "adjoint");
      });
    });
  }

  // Starts

  for (const { name, recipe, image, shape, hole, label, seed, parts, result } of golden.starts) {
    test(`start ${name}`, async () => {
      const read = await open();
      const given = {
        image: floats(image),
        hole: bits(hole),
        shape,
        recipe,
        generator: new random.Generator(seed),
        ...(parts === null ? await read.start(recipe, label) : { parts: floats(parts) }),
      };
      close(starts.STARTS[recipe.start](given), floats(result), 1e-11, "start");
    });
  }

  // Whole descents

  for (const { name, recipe, image, hole, label, seed, ...wanted } of golden.descents) {
    test(`descent ${name}`, async () => {
      const read = await open();
      const classifier = await read.classifier(recipe.classifier);
      const given = floats(image);
      const missing = bits(hole);
      const run = new descent.Descent({
        recipe, classifier, ...(await read.start(recipe, label)), image: given, hole: missing, label, seed,
      });
      const energies = [run.energy];
      const norms = [run.gradientNorm];
      while (run.stopped === null) {
        run.step();
        energies.push(run.energy);
        norms.push(run.gradientNorm);
      }
      equal(run.steps, wanted.steps, "steps");
      equal(run.stopped, wanted.stopped, "why it stopped");
      close(run.image, floats(wanted.result), 1e-10, "image");
      close(energies, floats(wanted.energy), 1e-9, "energies");
      close(norms, floats(wanted.norm), 1e-9, "gradient norms");
      equal(Object.keys(run.terms).join(), Object.keys(wanted.parts).join(), "names of terms");
      close(Object.values(run.terms), Object.values(wanted.parts), 1e-9, "terms");
      known(run, given);
      run.step();
      equal(run.steps, wanted.steps, "steps after the stop");
    });
  }

  test("another label from the present image on", async () => {
    const { recipe, image, hole, labels, seed, steps, results } = golden.switched;
    const read = await open();
    const classifier = await read.classifier(recipe.classifier);
    const given = { recipe, classifier, image: floats(image), hole: bits(hole), label: labels[0], seed };
    const run = new descent.Descent(given);
    labels.forEach((/** @type {number} */ label, /** @type {number} */ i) => {
      if (i > 0) run.change({ label });
      for (let step = 0; step < steps; step++) run.step();
      close(run.image, floats(results[i]), 1e-10, `image with label ${label}`);
    });
  });

  test("a descent on flat colours, where the sign of a difference may be one of rounding", async () => {
    const { recipe, image, hole, label, seed, result } = golden.flat;
    const read = await open();
    const classifier = await read.classifier(recipe.classifier);
    const run = new descent.Descent({ recipe, classifier, image: floats(image), hole: bits(hole), label, seed });
    while (run.stopped === null) run.step();
    close(run.image, floats(result), 1 / 255, "image");
  });

  // The engine alone

  /**
   * A descent on an example, a digit or an emoji, and what it was made from.
   *
   * @param {Partial<Recipe>} [settings]
   */
  async function begun(settings = {}, kind = "rectangle", { recipe: name = "paper-digits", example = "digit-5" } = {}) {
    const read = await open();
    const recipe = { ...manifest.recipes[name], max_steps: 20, tolerance: 0, ...settings };
    const { image, label } = read.example(example);
    const hole = read.hole(recipe.shape, kind);
    const classifier = await read.classifier(recipe.classifier);
    const given = { recipe, classifier, ...(await read.start(recipe, label)), image, hole, label };
    return { read, run: new descent.Descent(given), ...given };
  }

  const EMOJI = { recipe: "emoji", example: "emoji-panda" };

  for (const which of [undefined, EMOJI]) {
    test(`a change of hole gives back what is known and fills the rest, ${which?.recipe ?? "digits"}`, async () => {
      const settings = { start: "constant", start_value: 0.25 };
      const { read, run, recipe, image, hole } = await begun(settings, "rectangle", which);
      for (let step = 0; step < 5; step++) run.step();
      const before = run.image.slice();
      const other = read.hole(recipe.shape, "ellipse");
      run.change({ hole: other });
      const wanted = image.map((value, i) => {
        const pixel = i % hole.length;
        return !other[pixel] ? value : hole[pixel] ? before[i] : 0.25;
      });
      close(run.image, wanted, 0, "image");
      equal(run.hole.join(""), other.join(""), "hole");
      equal(run.steps, 5, "steps");
      run.step();
      known(run, image);
    });
  }

  test("a change of hole drops the momentum", async () => {
    const { read, run, recipe } = await begun({ momentum: 0.9, jitter: 0, patches: 0 });
    for (let step = 0; step < 5; step++) run.step();
    run.change({ hole: read.hole(recipe.shape, "ellipse") });
    const { image, gradient, hole } = { image: run.image.slice(), gradient: run.gradient.slice(), hole: run.hole };
    run.step();
    const wanted = image.map((value, i) =>
      (hole[i] ? Math.min(Math.max(value - recipe.step_size * gradient[i], 0), 1) : value));
    close(run.image, wanted, 1e-15, "image");
  });

  test("the terms' shares add up to the energy", async () => {
    const { run } = await begun({ total_variation: 0.1, binary: 0.2, binary_begin: 0 });
    for (let step = 0; step < 5; step++) run.step();
    equal(Object.keys(run.shares).join(), "content,total variation,binary", "names");
    close([Object.values(run.shares).reduce((a, b) => a + b)], [run.energy], 1e-12, "energy");
  });

  test("an earlier result is gone on from", async () => {
    const plain = { jitter: 0, patches: 0, momentum: 0 };
    const { run: whole } = await begun(plain);
    const { run: later, image } = await begun(plain);
    for (let step = 0; step < 10; step++) whole.step();
    later.resume({ image: whole.image.map((value, i) => (whole.hole[i] ? value : 0.5)), steps: 10 });
    close([later.energy], [whole.energy], 1e-12, "energy");
    whole.step();
    later.step();
    equal(later.steps, 11, "steps");
    close(later.image, whole.image, 1e-15, "image");
    known(later, image);
  });

  test("settings that are no numbers are refused", async () => {
    const { run, recipe } = await begun();
    for (const value of [Infinity, NaN, "1", {}]) {
      const settings = /** @type {any} */ ({ ...recipe, step_size: value });
      await fails(() => run.change({ recipe: settings }), /^step_size: got .*, wanted a number$/);
    }
  });

  test("a start of parts says that none are there", async () => {
    const start = () => begun({ start: "part-mixture" }, "rectangle", EMOJI);
    await fails(start, /^parts: got none, wanted those of the label/);
  });

  test("windows of images in colour may be as large as the images", async () => {
    const { run, recipe } = await begun({ patches: 1, window_sides: [32, 32] }, "rectangle", EMOJI);
    await fails(() => run.change({ recipe: { ...recipe, window_sides: [7, 33] } }), /^window_sides: got 7 and 33/);
  });

  test("what a hole hides plays no part in any start", async () => {
    for (const start of Object.keys(starts.STARTS)) {
      const { run, ...given } = await begun({ start, jitter: 0 }, "left half");
      const image = given.image.map((value, i) => (given.hole[i] ? 1 - value : value));
      const other = new descent.Descent({ ...given, image });
      close(other.image, run.image, 0, start);
    }
  });

  test("a higher limit of steps goes on, other settings count at once", async () => {
    const { run, recipe } = await begun();
    while (run.stopped === null) run.step();
    const { energy } = run;
    run.change({ recipe: { ...recipe, max_steps: 40 } });
    equal(run.stopped, null, "stopped");
    run.change({ recipe: { ...recipe, max_steps: 40, total_variation: 1 } });
    const gained = run.terms["total variation"] * (1 - recipe.total_variation);
    close([run.energy], [energy + gained - rampLost(run, recipe)], 1e-9, "energy");
    run.step();
    equal(run.steps, 21, "steps");
  });

  /**
   * What the ramp of the binary penalty lost when the limit rose from 20 to 40 steps.
   *
   * @param {Descent} run
   * @param {Recipe} recipe
   */
  function rampLost(run, { binary, binary_begin: begin }) {
    return run.terms.binary * (terms.ramp(binary, begin, 1) - terms.ramp(binary, begin, 0.5));
  }

  test("a change without a new kind of view keeps the step's view", async () => {
    const { run, recipe } = await begun({ jitter: 3, patches: 2 });
    run.step();
    const { energy } = run;
    run.change({ recipe: { ...recipe, step_size: 0.5 } });
    equal(run.energy, energy, "energy");
    run.change({ recipe: { ...recipe, jitter: 0, patches: 0 } });
    if (run.energy === energy) throw new Error("the energy is still that of the patches");
  });

  test("an empty hole stops at once and leaves the image alone", async () => {
    const { run, hole, image } = await begun();
    run.change({ hole: hole.map(() => 0) });
    equal(run.stopped, "tolerance", "stopped");
    equal(run.gradientNorm, 0, "gradient norm");
    close(run.image, image, 0, "image");
  });

  test("bad input gives a sentence with its name", async () => {
    const { run, recipe, classifier, image, hole } = await begun();
    await fails(() => run.change({ label: 10 }), /^label: got 10, wanted a class from 0 to 9/);
    /** @param {object} settings */
    const changed = (settings) => () => run.change({ recipe: { ...recipe, ...settings } });
    await fails(changed({ content: "x" }), /^content: got x, wanted one of probabilities/);
    await fails(changed({ patches: 1, window_sides: [7, 29] }), /^window_sides: got 7 and 29/);
    /** @type {any} what the types forbid */
    const { jitter: _, ...lacking } = recipe;
    await fails(() => run.change({ recipe: lacking }), /^recipe: got one without jitter, wanted all settings/);
    /** @param {object} input */
    const made = (input) => () => new descent.Descent({ recipe, classifier, image, hole, label: 5, ...input });
    await fails(made({ image: image.slice(1) }), /^image: got 783 numbers/);
    await fails(made({ hole: hole.map(() => 1) }), /^start: got 'harmonic'/);
    for (const [start, name] of [["class-average", "averages"], ["part-mixture", "parts"]]) {
      await fails(made({ recipe: { ...recipe, start } }), new RegExp(`^${name}: got none, wanted those of the label`));
    }
  });

  for (const shape of /** @type {ImageShape[]} */ ([[16, 16], [17, 19], [3, 16, 17]])) {
    for (const content of Object.keys(terms.CONTENTS)) {
      test(`gradient of ${content} by finite differences, ${shape.join("×")}`, () => {
        const net = untrained(shape, 4);
        const slope = new Float64Array(4);
        /** @param {Image} at */
        const value = (at) => terms.CONTENTS[content](net.forward(at), 1, slope);
        const image = noise(engine.shape.lengthOf(shape), 7);
        value(image);
        const gradient = net.backward(slope).slice();
        if (gradient.every((each) => each === 0)) throw new Error("the gradient is 0 everywhere");
        close(gradient, numerical(value, image), 1e-6, "gradient");
      });
    }
  }

  test("gradients of total variation and the binary penalty by finite differences", () => {
    const image = noise(20 * 17, 3);
    const region = Uint8Array.from(image, (value) => Number(value > 0.4));
    const slope = new Float64Array(image.length);
    const scratch = slope.slice();
    for (const where of [null, region]) {
      terms.totalVariation(image, [20, 17], where, slope);
      close(slope, numerical((x) => terms.totalVariation(x, [20, 17], where, scratch), image), 1e-6, "total variation");
    }
    terms.binary(image, slope);
    close(slope, numerical((x) => terms.binary(x, scratch), image), 1e-6, "binary");
  });

  test("least squares without negative weights satisfy their optimality conditions", () => {
    for (let seed = 0; seed < 20; seed++) {
      const columns = Array.from({ length: 8 }, (_, part) => noise(30, 100 * seed + part));
      const wanted = noise(30, 100 * seed + 99).map((value, i) => value - columns[seed % 8][i] / 2);
      const weights = starts.nonNegativeLeastSquares(columns, wanted, 0.1);
      const left = wanted.map((value, row) =>
        columns.reduce((rest, column, j) => rest - weights[j] * column[row], value));
      columns.forEach((column, j) => {
        const slope = dot(column, left) - 0.1 * weights[j];
        if (weights[j] < 0 || slope > 1e-10 || Math.abs(weights[j] * slope) > 1e-10) {
          throw new Error(`weight ${j} is ${weights[j]}, its slope ${slope}`);
        }
      });
    }
  });

  /**
   * A LeNet with drawn weights.
   *
   * @param {ImageShape} shape
   * @param {number} classes
   */
  function untrained(shape, classes) {
    const [h, w] = engine.shape.planeOf(shape).map((side) => (((side - 4) >> 1) - 4) >> 1);
    const shapes = {
      "convolutions.0": [3, 25 * engine.shape.channelsOf(shape)],
      "convolutions.1": [4, 75],
      "dense.0": [9, 4 * h * w],
      "dense.1": [classes, 9],
    };
    /** @type {Tensors} */
    const tensors = {};
    Object.entries(shapes).forEach(([name, [outputs, inputs]], seed) => {
      const weight = noise(outputs * inputs, seed + 20);
      tensors[`${name}.weight`] = weight.map((value) => (4 * value - 2) / Math.sqrt(inputs));
      tensors[`${name}.bias`] = noise(outputs, seed + 40).map((value) => value - 0.5);
    });
    return new lenet.LeNet({ name: "untrained", shape, classes: Array(classes).fill("") }, tensors);
  }

  /**
   * @param {number} count
   * @param {number} seed
   */
  function noise(count, seed) {
    const generator = new random.Generator(seed);
    return Float64Array.from({ length: count }, () => generator.double());
  }

  return all;
}

/**
 * Run tests one after the other; return the failed ones.
 *
 * @param {Test[]} all
 * @param {{ first?: boolean }} [options] - whether to stop at the first failure
 */
export async function failures(all, { first = false } = {}) {
  const failed = [];
  for (const { name, run } of all) {
    try {
      await run();
    } catch (error) {
      failed.push({ name, message: String(error) });
      if (first) break;
    }
  }
  return failed;
}

/**
 * The gradient of a function of an image by central differences.
 *
 * @param {(image: Image) => number} value
 * @param {Image} image
 */
function numerical(value, image) {
  return image.map((_, i) => {
    /** @param {number} by */
    const moved = (by) => value(image.map((pixel, j) => (j === i ? pixel + by : pixel)));
    return (moved(1e-6) - moved(-1e-6)) / 2e-6;
  });
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/**
 * Float64s that Python wrote as base64.
 *
 * @param {string} text
 */
function floats(text) {
  return new Float64Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

/**
 * A hole that Python wrote as a list.
 *
 * @param {number[]} values
 */
function bits(values) {
  return Uint8Array.from(values);
}

/**
 * Fail if a pixel outside the hole is not the image's.
 *
 * @param {Descent} run
 * @param {Image} image
 */
function known(run, image) {
  image.forEach((value, i) => {
    if (!run.hole[i % run.hole.length]) equal(run.image[i], value, `known pixel ${i}`);
  });
}

/**
 * @param {unknown} got
 * @param {unknown} wanted
 * @param {string} what
 */
function equal(got, wanted, what) {
  if (got !== wanted) throw new Error(`${what}: got ${short(got)}, wanted ${short(wanted)}`);
}

/** @param {unknown} value */
const short = (value) => String(value).slice(0, 200);

/**
 * Fail if numbers differ by more than `tolerance`, or by that part of the largest of them where that is above 1.
 *
 * @param {ArrayLike<number>} got
 * @param {ArrayLike<number>} wanted
 * @param {number} tolerance
 * @param {string} what
 */
function close(got, wanted, tolerance, what) {
  equal(got.length, wanted.length, `length of ${what}`);
  const scale = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let i = 0; i < wanted.length; i++) {
    if (!(Math.abs(got[i] - wanted[i]) <= tolerance * scale)) {
      throw new Error(`${what}, number ${i}: got ${got[i]}, wanted ${wanted[i]}, by ${got[i] - wanted[i]}`);
    }
  }
}

/**
 * Fail if something does not throw an error with a message.
 *
 * @param {() => unknown} act
 * @param {RegExp} message
 */
async function fails(act, message) {
  try {
    await act();
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    if (!message.test(got)) throw new Error(`got the message "${got}", wanted ${message}`, { cause: error });
    return;
  }
  throw new Error(`nothing failed, wanted ${message}`);
}
