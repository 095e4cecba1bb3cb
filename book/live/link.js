// The state of a panel as text for an address, so that a link restores it, the result included.

import { CONTROLS, startsOf } from "./controls.js";
import { lengthOf, planeOf } from "./shape.js";

/** @import { ImageShape, OpenManifest, Shared } from "./types.d.ts" */

/** A problem of a link; the message is for the reader. */
export class LinkError extends Error {}

/**
 * Write a state: settings as JSON, the hole as bits, the reader's own image (if any) as bytes, and the result's missing
 * pixels (if any) in 16 bits; each as base64url.
 *
 * @param {Shared} state
 */
export function write({ settings, hole, image, resumed }) {
  const bits = new Uint8Array(Math.ceil(hole.length / 8));
  hole.forEach((missing, i) => { bits[i >> 3] |= missing << (i & 7); });
  const about = resumed ? { ...settings, step: resumed.steps } : settings;
  const filled = resumed?.image.filter((_, i) => hole[i % hole.length]) ?? [];
  return [
    new TextEncoder().encode(JSON.stringify(about)),
    bits,
    Uint8Array.from(image ?? [], (value) => Math.round(255 * value)),
    new Uint8Array(Uint16Array.from(filled, (value) => Math.round(65535 * value)).buffer),
  ].map(encode).join(".");
}

/**
 * Read a text of `write`; null if it is none, as the name of a heading.
 *
 * @param {string} text
 * @param {OpenManifest} manifest
 * @returns {Shared | null}
 * @throws {LinkError} it asks for what there is not
 */
export function read(text, manifest) {
  if (!text.includes(".")) return null;
  const [json, bits, bytes, filled] = decoded(text);
  const { step = 0, ...settings } = settingsOf(json);
  const { recipes, examples } = manifest;
  const recipe = entry("recipe", recipes, settings.recipe);
  const { shape } = entry("picture", examples, settings.example);
  if (shape.join() !== recipe.shape.join()) {
    throw new LinkError(`picture: got ${settings.example}, wanted one that fits the recipe ${settings.recipe}`);
  }
  for (const [name, value] of Object.entries(settings)) {
    if (Object.hasOwn(CONTROLS, name)) check(name, value, manifest, settings.recipe);
  }
  const size = lengthOf(planeOf(shape));
  const hole = Uint8Array.from({ length: size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
  if (bits.length !== Math.ceil(size / 8) || (bytes.length && bytes.length !== lengthOf(shape))) {
    throw new LinkError("its pictures have another size than the recipe's; it may have been cut");
  }
  const image = bytes.length ? Float64Array.from(bytes, (byte) => byte / 255) : null;
  return { settings, hole, image, resumed: filled.length ? resumedOf(filled, step, hole, shape) : null };
}

/** @param {string} text */
function decoded(text) {
  try {
    const parts = text.split(".").map(decode);
    return [...parts, new Uint8Array(0), new Uint8Array(0)];
  } catch {
    throw new LinkError("it cannot be read; it may have been cut");
  }
}

/** @param {Uint8Array} json */
function settingsOf(json) {
  try {
    const settings = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (typeof settings === "object" && settings !== null) return settings;
  } catch { /* the same as any other text */ }
  throw new LinkError("it cannot be read; it may have been cut");
}

/**
 * @param {Uint8Array} filled
 * @param {unknown} steps
 * @param {Uint8Array} hole
 * @param {ImageShape} shape
 */
function resumedOf(filled, steps, hole, shape) {
  /** @param {number} index */
  const missing = (index) => hole[index % hole.length] === 1;
  const image = new Float64Array(lengthOf(shape));
  const count = image.filter((_, i) => missing(i)).length;
  if (filled.length !== 2 * count) {
    throw new LinkError("its result has another size than its hole; it may have been cut");
  }
  if (!Number.isInteger(steps) || Number(steps) < 0 || Number(steps) > 1e6) {
    throw new LinkError(`step: got ${told(steps)}, wanted a whole number from 0 to 1000000`);
  }
  const view = new DataView(filled.buffer, filled.byteOffset);
  let at = 0;
  image.forEach((_, i) => { if (missing(i)) image[i] = view.getUint16(2 * at++, true) / 65535; });
  return { image, steps: Number(steps) };
}

/**
 * Throw an error unless a control could have the value.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {OpenManifest} manifest
 * @param {string} recipe
 */
function check(name, value, manifest, recipe) {
  const { recipes, classifiers, supports, holes } = manifest;
  const { label, values } = CONTROLS[name];
  const settings = recipes[recipe];
  if (values) {
    const known = [...values, ...[/** @type {any} */ (settings)[name]].filter((each) => typeof each === "number")];
    number(label, value, Math.min(...known), Math.max(...known), values.every(Number.isInteger));
  } else if (name === "label") {
    number(label, value, 0, classifiers[settings.classifier].classes.length - 1, true);
  } else if (name === "start") {
    among(label, value, startsOf(settings, manifest));
  } else if (Object.hasOwn(supports, name)) {
    among(label, value, supports[/** @type {keyof typeof supports} */ (name)]);
  } else if (name === "hole") {
    // The chapters' own holes have no name here, and their bits are in the link.
    if (typeof value !== "string") among(label, value, Object.keys(holes[planeOf(settings.shape).join("x")]));
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 * @param {boolean} whole
 */
function number(name, value, least, most, whole) {
  const right = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (!right) {
    const kind = whole ? "whole number" : "number";
    throw new LinkError(`${name}: got ${told(value)}, wanted a ${kind} from ${least} to ${most}`);
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string[]} known
 */
function among(name, value, known) {
  if (!known.some((each) => each === value)) {
    throw new LinkError(`${name}: got ${told(value)}, wanted one of ${known.join(", ")}`);
  }
}

/**
 * @template T
 * @param {string} what
 * @param {Record<string, T>} known
 * @param {unknown} name
 * @returns {T}
 */
function entry(what, known, name) {
  among(what, name, Object.keys(known));
  return known[String(name)];
}

/**
 * A value as a link has it.
 *
 * @param {unknown} value
 */
const told = (value) => (typeof value === "number" ? String(value) : JSON.stringify(value)?.slice(0, 40) ?? "nothing");

/** @param {Uint8Array} bytes */
function encode(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function decode(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
