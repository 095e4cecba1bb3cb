// The state of a panel as text for an address, so that a link brings it back.

/** Write a state: settings as JSON, the hole as bits, the reader's own image (if any) as bytes; base64url each. */
export function write({ settings, hole, image }) {
  const bits = new Uint8Array(Math.ceil(hole.length / 8));
  hole.forEach((missing, i) => { bits[i >> 3] |= missing << (i & 7); });
  const parts = [new TextEncoder().encode(JSON.stringify(settings)), bits];
  if (image) parts.push(Uint8Array.from(image, (value) => Math.round(255 * value)));
  return parts.map(encode).join(".");
}

/** Read what `write` wrote for images of `size` pixels; null if it is something else. */
export function read(text, sizeOf) {
  try {
    const [settings, bits, bytes] = text.split(".").map(decode);
    const state = { settings: JSON.parse(new TextDecoder().decode(settings)) };
    const size = sizeOf(state.settings);
    if (bits.length !== Math.ceil(size / 8) || (bytes && bytes.length !== size)) return null;
    state.hole = Uint8Array.from({ length: size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
    state.image = bytes ? Float64Array.from(bytes, (byte) => byte / 255) : null;
    return state;
  } catch {
    return null;
  }
}

function encode(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
