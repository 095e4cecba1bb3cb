// The playground's presets: one click each. tests/live/presets.mjs runs each of them and holds it to its words.

import { unpacked } from "./model.js";
import { dark, rectangle } from "./holes.js";
import { lengthOf, planeOf } from "./shape.js";

/** @import { Hole, Image, OpenManifest, Preset } from "./types.d.ts" */

/** @type {Record<string, Preset>} */
export const PRESETS = {
  restore: {
    title: "Restore a 4",
    words: "Two strokes of a 4 are missing. The networks close the gaps of the start, and the picture comes nearer to "
      + "the original: watch the PSNR.",
    asked: { recipe: "digits", example: "digit-4", hole: "two strokes", label: 4 },
  },
  turn: {
    title: "Turn a 4 into a 9",
    words: "The top of a 4 is missing, and a 9 is asked for: the networks close the loop.",
    asked: { recipe: "digits", example: "digit-4", label: 9 },
    rectangle: [2, 6, 12, 16],
  },
  nothing: {
    title: "A digit out of nothing",
    words: "Everything is missing, the start is noise, and a 3 is asked for. Nothing but the networks draws it.",
    asked: { recipe: "digits", example: "digit-3", hole: "everything", label: 3, start: "noise" },
  },
  silent: {
    title: "A network that stays silent",
    words: "The paper's network alone, without total variation: it is sure of the 4 although the middle is missing, so "
      + "its gradient is too small to move anything, and the descent stops at once.",
    asked: {
      recipe: "paper-digits", example: "digit-4", hole: "rectangle", label: 4, total_variation: 0, binary: 0,
    },
  },
  face: {
    title: "A face",
    words: "Half of a face is missing, and the start is smooth. The classifier was fitted to other photographs of this "
      + "person, and each step makes the picture fit them better: watch the PSNR. (The face was chosen by hand.)",
    asked: { recipe: "faces-att", example: "face-s2", hole: "half", label: 1 },
  },
  light: {
    title: "Light a face",
    words: "What lies in the dark is taken as missing. The start is the average of the person's photographs, and the "
      + "network reads that person.",
    asked: { recipe: "faces-mixture-att", example: "face-dark", label: 0, start: "class-average" },
    dark: 0.2,
  },
  scratches: {
    title: "Remove scratches",
    words: "Scratches over a photograph are narrow, so that the pixels beside them say nearly everything. The start is "
      + "a mixture of faces' parts, and the network moves no pixel by more than a few grey levels.",
    asked: { recipe: "faces-mixture-att", example: "face-s1", hole: "strokes", label: 0 },
  },
};

/**
 * The hole of a preset for an image.
 *
 * @param {Preset} preset
 * @param {OpenManifest} manifest
 * @param {Image} image
 * @returns {Hole}
 */
export function holeOf(preset, { examples, holes }, image) {
  const plane = planeOf(examples[preset.asked.example].shape);
  if (preset.rectangle) return rectangle(plane, preset.rectangle);
  if (preset.dark !== undefined) return dark(plane, image, preset.dark);
  return unpacked(holes[plane.join("x")][preset.asked.hole ?? ""], lengthOf(plane));
}
