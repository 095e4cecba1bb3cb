// Reads the files of export.py: the manifest, the classifiers' weights, class and part averages.
//
// Each file is checked against its size and, where the browser allows it, its SHA-256. A file that is
// missing, truncated or broken raises an Error of one sentence.

import { Experts } from "./experts.js";
import { Gaussians } from "./gaussians.js";
import { LeNet } from "./lenet.js";
import { lengthOf, planeOf } from "./shape.js";
import { StridedNet } from "./strided.js";

/**
 * @import {
 *   Averages, Classifier, Example, ExpertsEntry, FileEntry, Files, Hole, Image, ImageShape, Manifest, NetworkEntry,
 *   OpenManifest, Progress, Settings,
 * } from "./types.d.ts"
 */

const FORMAT = 4;

/** The networks by the names that the manifest gives them. */
const KINDS = { lenet: LeNet, strided: StridedNet, gaussians: Gaussians };

/**
 * How numbers are read, by the type that the manifest gives them; all are little-endian.
 *
 * @type {Record<string, (bytes: Uint8Array, offset: number, count: number) => Float64Array>}
 */
const DTYPES = {
  float16: halves,
  float32: (bytes, offset, count) => numbers(bytes, offset, count, 4, (view, at) => view.getFloat32(at, true)),
  int8: (bytes, offset, count) => numbers(bytes, offset, count, 1, (view, at) => view.getInt8(at)),
};

export class Model {
  /** @type {string | undefined} the manifest's address, which the files' names are relative to */
  #address;
  #files;
  #progress;
  /** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} contents by file name, so that nothing is loaded twice */
  #loaded = new Map();
  /** @type {Map<string, { received: number, total: number }>} the files that are loaded at once, as far as they are */
  #transfers = new Map();
  /** @type {Map<string, Classifier>} */
  #classifiers = new Map();

  /**
   * Load the manifest.
   *
   * @param {Manifest | string} manifest - itself, or its address
   * @param {{ files?: Files, progress?: Progress }} [options] - files to be used instead of loading them
   */
  static async open(manifest, { files = {}, progress = () => {} } = {}) {
    const address = typeof manifest === "string" ? manifest : undefined;
    const content = typeof manifest === "string" ? await loadManifest(manifest, progress) : manifest;
    if (content?.format !== FORMAT) {
      throw new Error(`The manifest has format ${content?.format}, this page reads ${FORMAT}; build the book again.`);
    }
    const examples = await Promise.all(Object.entries(content.examples).map(async ([name, example]) =>
      [name, await withBytes(example)]));
    const holes = mapValues(content.holes, (kinds) => mapValues(kinds, decode));
    return new Model({ ...content, examples: Object.fromEntries(examples), holes }, address, files, progress);
  }

  /**
   * @param {OpenManifest} manifest
   * @param {string | undefined} address
   * @param {Files} files
   * @param {Progress} progress
   */
  constructor(manifest, address, files, progress) {
    this.manifest = manifest;
    this.#address = address;
    this.#files = files;
    this.#progress = progress;
  }

  /**
   * A classifier by name, with all that it is made of; the same one at every call.
   *
   * @param {string} name
   * @returns {Promise<Classifier>}
   */
  async classifier(name) {
    const entry = one("classifier", this.manifest.classifiers, name);
    const made = entry.kind === "experts" ? await this.#experts(name, entry) : await this.#network(name, entry);
    const first = this.#classifiers.get(name) ?? made(); // another call may have been faster
    this.#classifiers.set(name, first);
    return first;
  }

  /**
   * Load a network's weights; returns what makes it of them.
   *
   * @param {string} name
   * @param {NetworkEntry} entry
   */
  async #network(name, entry) {
    const Kind = one("kind", KINDS, entry.kind);
    const bytes = await this.#load(entry);
    return () => {
      const tensors = entry.tensors.map(({ name: key, shape, offset, dtype }) => {
        const count = shape.reduce((product, length) => product * length, 1);
        return [key, one("dtype", DTYPES, dtype)(bytes, offset, count)];
      });
      return new Kind({ name, ...entry }, Object.fromEntries(tensors));
    };
  }

  /**
   * Load the members of a sum; returns what makes it of them.
   *
   * @param {string} name
   * @param {ExpertsEntry} entry
   */
  async #experts(name, entry) {
    const members = await Promise.all(entry.members.map(async ({ name: member, weight }) =>
      ({ weight, network: await this.classifier(member) })));
    return () => new Experts({ name, ...entry }, members);
  }

  /**
   * The averages that a recipe's start needs for a label; none if there are none.
   *
   * @param {Pick<Settings, "start" | "classifier">} recipe
   * @param {number} label
   * @returns {Promise<Averages>}
   */
  async start(recipe, label) {
    const whole = recipe.start === "class-average" || recipe.start === "blended-class-average";
    if (!whole && recipe.start !== "part-mixture") return {};
    const { data } = one("classifier", this.manifest.classifiers, recipe.classifier);
    const { shape, parts, files } = one("averages", this.manifest.averages, data);
    if (!whole && parts === 0) return {};
    const bytes = await this.#load(one("label", files, label));
    const size = lengthOf(shape);
    // The class average in half precision, then the part averages in 8 bits.
    return whole ? { averages: halves(bytes, 0, size) } : { parts: imageOf(bytes.subarray(2 * size)) };
  }

  /**
   * An example by name, with its image.
   *
   * @param {string} name
   */
  example(name) {
    const { pixels, ...rest } = one("example", this.manifest.examples, name);
    return { ...rest, image: imageOf(pixels) };
  }

  /**
   * A hole of one kind for images of a shape.
   *
   * @param {ImageShape} shape
   * @param {string} kind
   */
  hole(shape, kind) {
    const plane = planeOf(shape);
    const bits = one("hole", one("shape", this.manifest.holes, plane.join("x")), kind);
    return unpacked(bits, lengthOf(plane));
  }

  /** @param {FileEntry} entry */
  #load(entry) {
    let loading = this.#loaded.get(entry.file);
    if (loading === undefined) {
      loading = this.#fetch(entry);
      this.#loaded.set(entry.file, loading);
      loading.catch(() => { // the next call tries again
        this.#loaded.delete(entry.file);
        this.#transfers.delete(entry.file);
      });
    }
    return loading;
  }

  /** @param {FileEntry} entry */
  async #fetch({ file, bytes: size, sha256 }) {
    const bytes = await this.#contents(file, size);
    if (bytes.length !== size) {
      throw new Error(`${file} is truncated: it has ${bytes.length} bytes instead of ${size}; reload the page.`);
    }
    // Pages on plain http have no crypto.subtle; there only the size is checked.
    const digest = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
    if (digest && hexadecimal(new Uint8Array(digest)) !== sha256) {
      throw new Error(`${file} is broken: its checksum is not the manifest's; reload the page.`);
    }
    return bytes;
  }

  /**
   * @param {string} file
   * @param {number} size
   */
  async #contents(file, size) {
    const given = this.#files[file];
    if (given !== undefined) return typeof given === "string" ? decode(given) : new Uint8Array(given);
    if (this.#address === undefined) throw new Error(`${file} is missing; build the book again.`);
    const base = new URL(this.#address, globalThis.location?.href);
    return download(new URL(file, base), (received, total) => this.#tell(file, received, total), size);
  }

  /**
   * Tell how far all files together are that are loaded at once, such as the members of a sum.
   *
   * @param {string} file
   * @param {number} received
   * @param {number} total
   */
  #tell(file, received, total) {
    this.#transfers.set(file, { received, total });
    const sum = { received: 0, total: 0 };
    for (const each of this.#transfers.values()) {
      sum.received += each.received;
      sum.total += each.total;
    }
    if (sum.received >= sum.total) this.#transfers.clear();
    this.#progress(sum.received, sum.total);
  }
}

/**
 * @param {string} address
 * @param {Progress} progress
 * @returns {Promise<Manifest>}
 */
async function loadManifest(address, progress) {
  const bytes = await download(address, progress);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Error(`${nameOf(address)} is broken; reload the page or build the book again.`);
  }
}

/**
 * An example of the manifest with its pixels as bytes.
 *
 * @param {Example} example
 * @returns {Promise<Example<Uint8Array>>}
 */
export async function withBytes(example) {
  const inflated = new Blob([decode(example.pixels)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return { ...example, pixels: new Uint8Array(await new Response(inflated).arrayBuffer()) };
}

/**
 * Bytes as an image, with values in [0, 1], exactly as Python has them: divided in float32.
 *
 * @param {Uint8Array} bytes
 * @returns {Image}
 */
export function imageOf(bytes) {
  return Float64Array.from(bytes, (byte) => Math.fround(byte / 255));
}

/**
 * The hole of `size` pixels that is packed into bits, the first pixel in the lowest bit.
 *
 * @param {Uint8Array} bits
 * @param {number} size
 * @returns {Hole}
 */
export function unpacked(bits, size) {
  return Uint8Array.from({ length: size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
}

/**
 * Little-endian float16 numbers as float64.
 *
 * @param {Uint8Array} bytes
 * @param {number} offset
 * @param {number} count
 */
function halves(bytes, offset, count) {
  return numbers(bytes, offset, count, 2, (view, at) => half(view.getUint16(at, true)));
}

/**
 * Numbers of `size` bytes each.
 *
 * @param {Uint8Array} bytes
 * @param {number} offset
 * @param {number} count
 * @param {number} size
 * @param {(view: DataView, at: number) => number} read
 */
function numbers(bytes, offset, count, size, read) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size * count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, size * i);
  return values;
}

/**
 * A float16, given its 16 bits.
 *
 * @param {number} bits
 */
export function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0 ? fraction * 2 ** -24
    : exponent === 31 ? (fraction ? NaN : Infinity)
    : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/**
 * @param {string | URL} address
 * @param {Progress} progress
 * @param {number} [expected] - bytes
 */
async function download(address, progress, expected = 0) {
  const file = nameOf(address);
  progress(0, expected); // so the bar is shown before the first bytes arrive
  const response = await fetch(address).catch(() => {
    throw new Error(`${file} could not be loaded; check the connection and reload the page.`);
  });
  if (!response.ok) throw new Error(`${file} could not be loaded: the server answered ${response.status}.`);
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  let received = 0;
  try {
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
      pieces.push(piece.value);
      received += piece.value.length;
      progress(received, Math.max(expected, received));
    }
  } catch {
    throw new Error(`${file} stopped loading after ${received} bytes; check the connection and reload the page.`);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/**
 * The entry of a name, or of a number.
 *
 * @template T
 * @param {string} what
 * @param {Record<string, T> | T[]} known
 * @param {string | number} name
 * @returns {T}
 */
function one(what, known, name) {
  const found = Object.entries(known).find(([key]) => key === String(name));
  if (found === undefined) throw new Error(`There is no ${what} ${name}; known are ${Object.keys(known).join(", ")}.`);
  return found[1];
}

/** @param {string | URL} address */
const nameOf = (address) => String(address).split(/[?#]/)[0].split("/").at(-1);

/** @param {string} text - base64 */
const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {Uint8Array} bytes */
const hexadecimal = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @template A, B
 * @param {Record<string, A>} object
 * @param {(value: A) => B} change
 * @returns {Record<string, B>}
 */
const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
