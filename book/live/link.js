// The state of a panel as text for an address, so that a link restores it.

import { lengthOf, planeOf } from "./shape.js";

/** @import { ImageShape, Shared } from "./types.d.ts" */

/**
 * Write a state: settings as JSON, the hole as bits, the reader's own image (if any) as bytes; each as base64url.
 *
 * @param {Shared} state
 */
export function write({ settings, hole, image }) {
  const bits = new Uint8Array(Math.ceil(hole.length / 8));
  hole.forEach((missing, i) => { bits[i >> 3] |= missing << (i & 7); });
  const parts = [new TextEncoder().encode(JSON.stringify(settings)), bits];
  if (image) parts.push(Uint8Array.from(image, (value) => Math.round(255 * value)));
  return parts.map(encode).join(".");
}

/**
 * Read a text of `write`; null for any other text.
 *
 * @param {string} text
 * @param {(settings: Shared["settings"]) => ImageShape} shapeOf - the shape of the images of such settings
 * @returns {Shared | null}
 */
export function read(text, shapeOf) {
  try {
    const [json, bits, bytes] = text.split(".").map(decode);
    /** @type {Shared["settings"]} */
    const settings = JSON.parse(new TextDecoder().decode(json));
    const shape = shapeOf(settings);
    const size = lengthOf(planeOf(shape));
    if (bits.length !== Math.ceil(size / 8) || (bytes && bytes.length !== lengthOf(shape))) return null;
    return {
      settings,
      hole: Uint8Array.from({ length: size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1),
      image: bytes ? Float64Array.from(bytes, (byte) => byte / 255) : null,
    };
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
function encode(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function decode(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
