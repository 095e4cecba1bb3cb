// Reads what inpaintlib/export.py wrote: the manifest, the classifiers' weights, class and part averages.
//
// Each file is checked against its size and, where the browser lets a page do that, its SHA-256. What is missing,
// truncated or broken gives an Error with one sentence.

import { LeNet } from "./lenet.js";

const FORMAT = 1;

export class Model {
  #folder; // address that the files' names are relative to
  #files;
  #progress;
  #loaded = new Map(); // promises by file name, so that nothing is loaded twice
  #classifiers = new Map(); // by name

  /**
   * @param manifest its address, or the manifest itself
   * @param files what is to be used instead of loading: ArrayBuffer, Uint8Array or base64 text by file name
   * @param progress called with the bytes received and the bytes in all of the file being loaded
   */
  static async open(manifest, { files = {}, progress = () => {} } = {}) {
    let content = manifest;
    if (typeof manifest === "string") {
      const bytes = await download(manifest, progress);
      try {
        content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      } catch {
        throw new Error(`${nameOf(manifest)} is broken; reload the page or build the book again.`);
      }
    }
    if (content?.format !== FORMAT) {
      throw new Error(`The manifest has format ${content?.format}, this page reads ${FORMAT}; build the book again.`);
    }
    return new Model(content, typeof manifest === "string" ? manifest : undefined, files, progress);
  }

  constructor(content, address, files, progress) {
    const examples = mapValues(content.examples, withBytes);
    const holes = mapValues(content.holes, (kinds) => mapValues(kinds, decode));
    this.manifest = { ...content, examples, holes };
    this.#folder = address;
    this.#files = files;
    this.#progress = progress;
  }

  /** A classifier by name, see LeNet; the same one for all who ask. */
  async classifier(name) {
    const entry = one("classifier", this.manifest.classifiers, name);
    const bytes = await this.#load(entry);
    if (!this.#classifiers.has(name)) {
      const tensors = entry.tensors.map((tensor) => {
        const count = tensor.shape.reduce((product, length) => product * length, 1);
        return [tensor.name, halves(bytes, tensor.offset, count)];
      });
      this.#classifiers.set(name, new LeNet({ name, ...entry }, Object.fromEntries(tensors)));
    }
    return this.#classifiers.get(name);
  }

  /** What a recipe's start needs for a label: {averages}, {parts} (parts × pixels), or nothing. */
  async start(recipe, label) {
    const wanted = { "class-average": "averages", "blended-class-average": "averages", "part-mixture": "parts" };
    const which = wanted[recipe.start];
    if (which === undefined) return {};
    const { data } = one("classifier", this.manifest.classifiers, recipe.classifier);
    const { shape, files } = one("averages", this.manifest.averages, data);
    const bytes = await this.#load(one("label", files, label));
    const size = shape[0] * shape[1];
    // The class average in half precision, then the part averages in 8 bits.
    return which === "averages" ? { averages: halves(bytes, 0, size) } : { parts: grey(bytes.subarray(2 * size)) };
  }

  /** An example by name: {title, shape, label, image, centre}. */
  example(name) {
    const { pixels, ...rest } = one("example", this.manifest.examples, name);
    return { ...rest, image: grey(pixels) };
  }

  /** A hole (1 where missing) of one kind for images of a shape. */
  hole([height, width], kind) {
    const bits = one("hole", one("shape", this.manifest.holes, `${height}x${width}`), kind);
    return Uint8Array.from({ length: height * width }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
  }

  #load(entry) {
    const { file } = entry;
    if (!this.#loaded.has(file)) {
      const loading = this.#fetch(entry);
      this.#loaded.set(file, loading);
      loading.catch(() => this.#loaded.delete(file)); // the next one who asks tries again
    }
    return this.#loaded.get(file);
  }

  async #fetch({ file, bytes: size, sha256 }) {
    const given = this.#files[file];
    if (given === undefined && this.#folder === undefined) throw new Error(`${file} is missing; build the book again.`);
    const bytes = given === undefined
      ? await download(new URL(file, new URL(this.#folder, globalThis.location?.href)), this.#progress, size)
      : typeof given === "string" ? decode(given) : new Uint8Array(given);
    if (bytes.length !== size) {
      throw new Error(`${file} is truncated or another file: it has ${bytes.length} bytes instead of ${size}; reload the page.`);
    }
    // Pages on plain http have no crypto.subtle; there the size has to do.
    const digest = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
    if (digest && hexadecimal(new Uint8Array(digest)) !== sha256) {
      throw new Error(`${file} is broken: its content is not what was written; reload the page.`);
    }
    return bytes;
  }
}

/** An example of the manifest with its pixels as bytes. */
export function withBytes(example) {
  return { ...example, pixels: decode(example.pixels) };
}

/** Grey values in [0, 1] of bytes, exactly as Python has them: divided in float32. */
export function grey(bytes) {
  return Float64Array.from(bytes, (byte) => Math.fround(byte / 255));
}

/** Little-endian float16 numbers as float64. */
function halves(bytes, offset, count) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 2 * count);
  return Float64Array.from({ length: count }, (_, i) => half(view.getUint16(2 * i, true)));
}

/** A float16, given its 16 bits. */
export function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0 ? fraction * 2 ** -24
    : exponent === 31 ? (fraction ? NaN : Infinity)
    : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

async function download(address, progress, expected = 0) {
  const file = nameOf(address);
  let response;
  progress(0, expected); // the bar is there before the first bytes are
  try {
    response = await fetch(address);
  } catch {
    throw new Error(`${file} could not be loaded; check the connection and reload the page.`);
  }
  if (!response.ok) throw new Error(`${file} could not be loaded: the server answered ${response.status}.`);
  const pieces = [];
  let received = 0;
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      received += value.length;
      progress(received, Math.max(expected, received));
    }
  } catch {
    throw new Error(`${file} stopped loading after ${received} bytes; check the connection and reload the page.`);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function one(what, known, name) {
  if (!Object.hasOwn(known, name)) throw new Error(`There is no ${what} ${name}; known are ${Object.keys(known).join(", ")}.`);
  return known[name];
}

const nameOf = (address) => String(address).split(/[?#]/)[0].split("/").at(-1);
const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const hexadecimal = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
