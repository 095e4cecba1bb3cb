"""The engine of the live pages does what inpaintlib does, in Node and in a browser.

The tests themselves are in ``tests/live/engine.mjs``. That they notice what is wrong is tested too:
each of :data:`MUTATIONS` breaks the engine in one place, and one of them has to fail.
"""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import browsing
import export
import golden
import pytest

ENGINE = Path(__file__).parents[1] / "book" / "live"
TESTS = Path(__file__).parent / "live"
MODULES = [
    *("random", "shape", "matrix", "product", "network", "lenet", "strided", "gaussians"),
    *("experts", "terms", "starts", "views", "descent", "model"),
]

#: How many tests there are at least, lest none is run and nobody notices.
AT_LEAST = 570

#: In a module, what stands there once, and what breaks it.
MUTATIONS = (
    # Random numbers
    ("random", "low + (this.bits() % (high - low))", "low + (this.bits() % (high - low + 1))"),
    ("random", "& 0xffffff) / 2 ** 24", "& 0xffffff) / (2 ** 24 - 1)"),
    ("random", "const high = this.bits() & 0x1fffff", "const high = this.bits() & 0x0fffff"),
    ("random", "state[(i + 397) % SIZE]", "state[(i + 396) % SIZE]"),
    # The product of matrices
    ("product", "panels[((j >> 2) * inner + k) * 4 + (j & 3)]", "panels[k * stride + j]"),
    ("product", "panels[((j >> 2) * inner + k) * 4 + (j & 3)]", "panels[j * inner + k]"),
    ("product", "Math.ceil(count / 4) * 4", "Math.ceil(count / 4)"),
    ("product", "NUMBER * b", "b"),
    ("product", "d3 += y * b3", "d3 += x * b3"),
    ("product", "b += 4 * inner", "b += inner"),
    ("product", "numbers[next + 1] = d1", "numbers[next + 1] = c1"),
    ("product", "d0 = numbers[next]", "d0 = 0"),
    # The classifiers
    ("lenet", "if (b > largest)", "if (b >= largest)"),
    ("lenet", "if (d > largest)", "if (d >= largest)"),
    ("lenet", "largest = c; which = 2", "largest = c; which = 1"),
    ("lenet", "(window % columns) + (which & 1)", "(window % columns) + (which >> 1)"),
    ("lenet", "output[to] = largest > 0 ? largest : 0", "output[to] = largest"),
    ("lenet", "if (output[from] <= 0) continue;", ""),
    ("lenet", "    gradient.fill(0);\n", ""),
    ("lenet", "winner[from] * outputs + o", "winner[from] * outputs"),
    ("lenet", "window += 4 * channels", "window += 4 * outputs"),
    ("strided", "stride: 2, padding: 1 }", "stride: 2, padding: 0 }"),
    ("strided", "slope[i] * slopes[i]", "slope[i]"),
    ("convolution", "padding * (this.paddedRow + inputs)", "padding * this.paddedRow"),
    ("convolution", "stride * Math.floor(i / columns)", "stride * Math.floor(i / rows)"),
    ("convolution", "y * this.paddedRow + x * inputs", "y * this.paddedRow + x"),
    ("convolution", "inputs, this.side ** 2), o * size", "inputs, inputs), o * size"),
    ("convolution", "there.c.set(bias, at)", "there.c.fill(0)"),
    ("convolution", "    back.c.fill(0);\n", ""),
    ("convolution", "this.paddedGradient.fill(0)", "this.paddedGradient"),
    ("convolution", "padded[to + x] += back.c[from++]", "padded[to + x] = back.c[from++]"),
    ("convolution", "from = p * back.stride", "from = p * side * run"),
    ("convolution", "const from = corner + y * paddedRow", "const from = y * paddedRow"),
    # What the classifiers share
    ("matrix", "sums[row + 3] = d", "sums[row + 3] = c"),
    ("matrix", "let sum = sums[row]", "let sum = 0"),
    ("matrix", "c += matrix[c0 + i] * x", "c += matrix[b0 + i] * x"),
    ("matrix", "+ d * matrix[d0 + i]", ""),
    ("matrix", "vector[i] += weight * matrix[at++]", "vector[i] = weight * matrix[at++]"),
    ("matrix", "weights[row] === 0) row++", "weights[row] === 0) row += 2"),
    ("matrix", "turned[column * rows + row]", "turned[row * columns + column]"),
    ("network", "sums[i] = sum * share", "sums[i] = share"),
    ("network", "share * (1 + sum * (1 - share))", "share"),
    ("network", "slopes[i] = passes ? 1 : 0", "slopes[i] = 1"),
    ("network", "if (!passes) sums[i] = 0", ""),
    ("network", "number < count - 1 ? activation : null", "activation"),
    ("network", "sumSlopes[o] = slope[o] * slopes[o]", "sumSlopes[o] = slope[o]"),
    (
        "network",
        "transposed(weight.subarray(o, o + size), channels, places)",
        "weight.subarray(o, o + size)",
    ),
    ("network", "output.set(bias)", "output.fill(0)"),
    ("network", "scores[k] - total", "scores[k]"),
    ("network", "- p * sum", "- p"),
    ("network", "(k < slope.length ? slope[k] : 0)", "slope[k % slope.length]"),
    ("network", "largest + Math.log(", "Math.log("),
    # The Gaussians and the experts
    ("gaussians", "Math.fround(largest[d] / 127)", "largest[d] / 127"),
    ("gaussians", "Math.fround(directions[i] * scale)", "directions[i] * scale"),
    ("gaussians", "along[d] = -middles[d]", "along[d] = middles[d]"),
    ("gaussians", "along[d] = -middles[d]", "along[d] -= middles[d]"),
    ("gaussians", "square - 2 * onto", "square - onto"),
    ("gaussians", "+ this.offsets[part]", ""),
    ("gaussians", "this.lengths[part]", "this.lengths[0]"),
    ("gaussians", "largest + floor * Math.log(sum)", "largest"),
    ("gaussians", "- largest) / floor)", "- largest))"),
    ("gaussians", "ours.map((fit) => fit / floor)", "ours"),
    ("gaussians", "slope[label] * share)", "share)"),
    ("gaussians", "SMALLEST_SHARE = 1e-20", "SMALLEST_SHARE = 1e-3"),
    ("gaussians", "(means[m++] - image[i])", "means[m++]"),
    ("gaussians", "weight * shares[d] * along[d]", "weight * along[d]"),
    ("gaussians", "gradient.fill(0)", ""),
    ("experts", "fits.fill(0)", ""),
    ("experts", "gradient.fill(0)", ""),
    ("experts", "fits[k] += weight * fit", "fits[k] += fit"),
    ("experts", "gradient[i] += weight * each", "gradient[i] += each"),
    # The terms
    ("terms", "2 * p[k] * (off(k) - mean)", "2 * p[k] * off(k)"),
    ("terms", "(k) => p[k] - (k === label", "(k) => p[k] + (k === label"),
    ("terms", "slope[k] = p[k] - (k === label ?", "slope[k] = p[k] + (k === label ?"),
    ("terms", 'new Set(["negative-score"])', 'new Set(["negative-score", "margin"])'),
    ("terms", "scores[k] === best ? 1 / ties", "scores[k] === best ? 1"),
    ("terms", "Math.sign(difference)", "(difference > 0 ? 1 : -1)"),
    ("terms", "slope[here] -= sign", "slope[here] += sign"),
    ("terms", "if (region !== null && !region[pixel]) continue", "if (false) continue"),
    ("terms", "if (x < width - 1) value", "if (x < width - 2) value"),
    ("terms", "4 - 8 * image[i]", "8 * image[i] - 4"),
    ("terms", "/ (1 - begin)", "/ 1"),
    ("terms", "Math.max(progress - begin, 0)", "(progress - begin)"),
    (
        "terms",
        "const outer = grow(hole, shape, width)",
        "const outer = grow(hole, shape, width - 1)",
    ),
    ("terms", "|| (x > 0 && before[i - 1])", "|| before[i - 1]"),
    # The views
    ("views", "modulo(y - down, height)", "modulo(y + down, height)"),
    ("views", "visit(here + modulo(x - right, width)", "visit(here + modulo(x + right, width)"),
    (
        "views",
        "gradient[here] += weight * slope[there]",
        "gradient[there] += weight * slope[here]",
    ),
    ("views", "view.fill(0)", ""),
    ("views", "generator.integer(smallest, largest + 1)", "generator.integer(smallest, largest)"),
    ("views", "(length - side + 1)", "(length - side)"),
    (
        "views",
        "const tops = places(height);\n  const lefts = places(width);",
        "const lefts = places(width);\n  const tops = places(height);",
    ),
    ("views", "jitter > 0 || patches > 0", "jitter > 0"),
    # The starts
    ("starts", "const RIDGE = 0.1", "const RIDGE = 0.11"),
    ("starts", "const REACH = 3", "const REACH = 4"),
    ("starts", "const RING = 4", "const RING = 3"),
    ("starts", "inside & (1 - hole[i])", "inside"),
    ("starts", "const LARGEST_GAIN = 3", "const LARGEST_GAIN = 2.9"),
    ("starts", "x < width - 1 ? i + 1 : -1", "i + 1"),
    ("starts", "new Float64Array(count).fill(1 / count)", "new Float64Array(count)"),
    ("starts", "slope[best] <= tolerance", "slope[best] <= 0.1"),
    ("starts", "solved[j] > 0 ? 1", "true ? 1"),
    ("starts", "(i) => clip(guess[i] + spread[i])", "(i) => clip(guess[i])"),
    # The descent
    ("descent", "if (!hole[i % hole.length]) continue;", ""),
    ("descent", "image[i] = Math.min(Math.max(moved, 0), 1)", "image[i] = moved"),
    ("descent", "before - recipe.step_size", "before + recipe.step_size"),
    ("descent", "recipe.momentum * update[i]", "recipe.momentum"),
    ("descent", "update[i] = image[i] - before", "update[i] = moved - before"),
    ("descent", "steps / Math.max(recipe.max_steps, 1)", "steps / (recipe.max_steps + 1)"),
    ("descent", "if (hole[i % hole.length]) square +=", "square +="),
    (
        "descent",
        "(this.gradientNorm <= recipe.tolerance)",
        "(this.gradientNorm < recipe.tolerance)",
    ),
    ("descent", "this.energy += weight * value", "this.energy += value"),
    ("descent", "OF_LABEL_ALONE.has(this.recipe.content) ? label", "true ? 0"),
    ("descent", "const weight = 1 / this.#view.count", "const weight = 1"),
    ("descent", "if (!drawsAlike) this.#view", "this.#view"),
    ("descent", "missing & hole[i]", "hole[i]"),
    ("descent", "    this.#update.fill(0);\n", ""),
    ("descent", "this.shares[name] = weight * value", "this.shares[name] = value"),
    ("descent", "this.steps = steps;\n", ""),
    ("descent", "(this.hole[i % this.hole.length] ? image[i] : known)", "image[i]"),
    ("descent", "|| !Number.isFinite(value)", ""),
    ("descent", "this.steps++;\n    this.#view = new", "this.steps++;\n    new"),
    # Images in colour
    ("shape", "shape.slice(-2)", "shape.slice(0, 2)"),
    ("shape", "shape.length === 3 ? shape[0] : 1", "1"),
    ("shape", "shape.reduce((product, length) => product * length, 1)", "shape[0] * shape[1]"),
    ("convolution", "transposed(image, channelsOf(this.shape), this.#pixels)", "image"),
    (
        "convolution",
        "transposed(super.backward(slope), this.#pixels, channelsOf(this.shape))",
        "super.backward(slope)",
    ),
    ("experts", "lengthOf(this.shape)", "this.shape[0] * this.shape[1]"),
    ("terms", "channel < image.length", "channel < 1"),
    ("terms", "const i = channel + pixel", "const i = pixel"),
    ("views", "channel < length", "channel < 1"),
    ("views", "const there = channel + y * width", "const there = y * width"),
    ("views", "const here = channel + modulo", "const here = modulo"),
    ("starts", "(hole[i % hole.length] ? value(i)", "(hole[i] ? value(i)"),
    ("starts", "ring[i % ring.length]", "ring[i]"),
    ("starts", "counts[i % size] * value", "(counts[i] ?? 0) * value"),
    ("starts", "parts.subarray(part * image.length", "parts.subarray(part * size"),
    ("starts", "parts.length / image.length", "parts.length / size"),
    ("starts", "image.subarray(channel, channel + hole.length)", "image.subarray(0, hole.length)"),
    (
        "descent",
        "if (!hole[i % hole.length]) continue;",
        "if (!hole[i]) continue;",
    ),
    ("descent", "if (hole[i % hole.length]) square +=", "if (hole[i]) square +="),
    ("descent", "stillMissing[i % hole.length]", "stillMissing[i]"),
    ("descent", "Math.min(...planeOf(classifier.shape))", "Math.min(...classifier.shape)"),
    ("descent", "hole.length !== lengthOf(planeOf(shape))", "hole.length !== image.length"),
    ("model", "const size = lengthOf(shape)", "const size = shape[0] * shape[1]"),
    ("model", "if (!whole && parts === 0) return {}", ""),
    ("model", 'new DecompressionStream("deflate")', "new TransformStream()"),
    # The files
    ("model", "view.getFloat32(at, true)", "view.getFloat32(at, false)"),
    ("model", "view.getInt8(at)", "view.getUint8(at)"),
    ("model", "this.#classifiers.get(name) ?? made()", "made()"),
    ("model", "({ weight, network:", "({ weight: 1, network:"),
    ("model", "Math.fround(byte / 255)", "byte / 255"),
    ("model", "exponent === 0 ?", "exponent < 0 ?"),
    ("model", "bytes.subarray(2 * size)", "bytes.subarray(size)"),
    ("model", "hexadecimal(new Uint8Array(digest)) !== sha256", "false"),
    ("model", "bytes.length !== size", "bytes.length < 0"),
)


@pytest.fixture(scope="module")
def all_said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that inpaintlib says."""
    folder = tmp_path_factory.mktemp("all-golden")
    golden.write(folder, steps=300, faces=True)
    return folder


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with less of it, for what runs often."""
    folder = tmp_path_factory.mktemp("golden")
    golden.write(folder, steps=20, faces=False)
    return folder


@browsing.needs_node
@pytest.mark.slow
def test_engine_in_node(all_said):
    done = browsing.run_node(
        "--test",
        "--test-reporter=tap",
        TESTS / "node.test.mjs",
        ENGINE=str(ENGINE),
        GOLDEN=str(all_said),
    )
    assert done.returncode == 0, "\n".join(re.findall(r"^not ok .*(?:\n .*)*", done.stdout, re.M))
    assert int(re.search(r"^# pass (\d+)$", done.stdout, re.M)[1]) >= AT_LEAST


@browsing.needs_browser
@pytest.mark.slow
def test_engine_in_chromium(all_said):
    shutil.copytree(ENGINE, all_said / "live", dirs_exist_ok=True)
    for script in ("engine.mjs", "page.mjs"):
        shutil.copy(TESTS / script, all_said)
    (all_said / "page.html").write_text("<!doctype html><title>tests</title>", encoding="utf-8")
    with browsing.served(all_said) as address, browsing.chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}page.html")
        run = "async (names) => (await import('./page.mjs')).run(names)"
        count, failed = page.evaluate(run, MODULES)
    assert failed == []
    assert count >= AT_LEAST


def test_every_recipe_of_the_pages_is_run():
    assert set(golden.CLASSIFIERS) == set(export.recipes())


def test_each_mutation_is_of_something_that_stands_there_once():
    for module, found, replacement in MUTATIONS:
        text = (ENGINE / f"{module}.js").read_text(encoding="utf-8")
        assert text.count(found) == 1, f"{module}.js: {found}"
        assert found != replacement


@browsing.needs_node
@pytest.mark.slow
def test_engine_that_is_broken_on_purpose_fails_a_test(said, tmp_path):
    folders = []
    for number, (module, found, replacement) in enumerate(MUTATIONS):
        folders.append(shutil.copytree(ENGINE, tmp_path / str(number)))
        path = folders[-1] / f"{module}.js"
        path.write_text(path.read_text("utf-8").replace(found, replacement), "utf-8")

    def first_failures(engines: list[Path]) -> list[str | None]:
        done = browsing.run_node(TESTS / "mutants.mjs", said, *engines)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert first_failures([ENGINE]) == [None]
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(first_failures, (folders[::2], folders[1::2]))
    caught = dict(zip([*folders[::2], *folders[1::2]], [*one, *other], strict=True))
    survivors = [
        mutation for mutation, folder in zip(MUTATIONS, folders, strict=True) if not caught[folder]
    ]
    assert survivors == []
