// Types of the data between the export, the engine and the panel. For the type checker only: no page loads it.
//
// Written by export.py: Manifest and everything in it. Messages between the panel and its worker: Request, Reply.

import type { Descent } from "./descent.js";
import type { Network } from "./network.js";
import type { Panel } from "./panel.js";
import type { Generator } from "./random.js";

declare global {
  /** The contents of the one-file version of the playground, see one-file.html; elsewhere undefined. */
  var inpaintLive: { manifest: Manifest; files: Files; worker: () => Worker } | undefined;

  /** The formulas of the book's other pages, see ../_static/book.js. */
  var Search: {
    htmlToText: (html: string, anchor: string) => string;
    makeSearchSummary: (html: string, words: Set<string>, anchor: string) => HTMLElement | null;
  } | undefined;
  var MathJax: { startup?: { promise: Promise<void> } } | undefined;
}

// Images

/** Height and width in pixels. */
export type Shape = [height: number, width: number];

/** The shape of an image, grey or in colour. */
export type ImageShape = Shape | [channels: number, height: number, width: number];

/** (height × width) grey values in [0, 1], row by row; or (channels × height × width) values of colours. */
export type Image = Float64Array;

/** (height × width): 1 where a pixel is missing, 0 where it is known; in all channels. */
export type Hole = Uint8Array;

// Recipes

/** The settings of a recipe, as inpaintlib.recipes.Recipe has them. */
export interface Settings {
  classifier: string;
  content: string;
  total_variation: number;
  region: string;
  rim_width: number;
  binary: number;
  binary_begin: number;
  start: string;
  start_value: number;
  step_size: number;
  max_steps: number;
  momentum: number;
  tolerance: number;
  jitter: number;
  patches: number;
  window_sides: [smallest: number, largest: number];
}

/** The settings that the engine uses: all but the classifier's name. */
export type EngineSettings = Omit<Settings, "classifier">;

/** A recipe of the manifest: its settings, and the images that it is for. */
export interface Recipe extends Settings {
  shape: ImageShape;
  data: string;
}

// The manifest

/** A file beside the manifest. */
export interface FileEntry {
  file: string;
  bytes: number;
  sha256: string;
}

/** What a network's constructor needs to know about it. */
export interface NetworkDescription {
  name: string;
  shape: ImageShape;
  classes: string[];
}

interface AboutClassifier extends Omit<NetworkDescription, "name"> {
  data: string;
}

/** A network's file, and what is in it: numbers of a type, each tensor from its offset in bytes on. */
export interface NetworkEntry extends FileEntry, AboutClassifier {
  kind: "lenet" | "strided" | "gaussians";
  floor?: number; // of Gaussians: the variance of a pixel beside the directions
  tensors: { name: string; shape: number[]; offset: number; dtype: "float16" | "float32" | "int8" }[];
}

/** A sum of classifiers, which has no file of its own. */
export interface ExpertsEntry extends AboutClassifier {
  kind: "experts";
  members: { name: string; weight: number }[];
}

export type ClassifierEntry = NetworkEntry | ExpertsEntry;

/** A file for each class: its average in float16, then its part averages, if any, one byte per number. */
export interface AveragesEntry {
  shape: ImageShape;
  parts: number;
  files: FileEntry[];
}

/** An example image. Bytes are deflated and base64 in the manifest's file, and decoded in an opened manifest. */
export interface Example<Bytes = string> {
  title: string;
  shape: ImageShape;
  label: number;
  pixels: Bytes;
  centre: [row: number, column: number];
  credit: string;
}

/**
 * manifest.json; classifiers, averages, examples and recipes by their names, holes by shape ("28x28") and kind, as
 * base64.
 */
export interface Manifest<Bytes = string> {
  format: number;
  supports: Record<"content" | "region" | "start" | "settings", string[]>;
  recipes: Record<string, Recipe>;
  classifiers: Record<string, ClassifierEntry>;
  averages: Record<string, AveragesEntry>;
  examples: Record<string, Example<Bytes>>;
  holes: Record<string, Record<string, Bytes>>;
}

export type OpenManifest = Manifest<Uint8Array>;

/** The contents of files by their names, to be used instead of loading them; text is base64. */
export type Files = Record<string, ArrayBuffer | Uint8Array<ArrayBuffer> | string>;

/** Called while a file is loaded: bytes received, and bytes in all (0 if unknown). */
export type Progress = (received: number, total: number) => void;

// The engine

/** A classifier that the engine can run. With `only`, it may leave out the scores of all other classes, to save time. */
export interface Classifier extends Omit<Network, "forward" | "logFits"> {
  forward(image: Image, only?: number): Float64Array;
  logFits(image: Image, only?: number): Float64Array;
}

/** A part of a network: its output, and the gradient with respect to the input of the last forward. */
export interface Layer {
  forward(input: Float64Array): Float64Array;
  backward(slope: Float64Array): Float64Array;
}

/** Weights by PyTorch's names. */
export type Tensors = Record<string, Float64Array>;

/** A function of each of the sums, which it replaces; its derivatives are written to `slopes`. */
export type Activation = (sums: Float64Array, slopes: Float64Array) => void;

/** The averages that a start needs for a label: shaped like the image, or (parts × image). */
export interface Averages {
  averages?: Image;
  parts?: Float64Array;
}

/** A content term: its value; its derivative with respect to the scores is written to `slope`. */
export type Content = (scores: Float64Array, label: number, slope: Float64Array) => number;

/** Where total variation counts (1); null for everywhere. */
export type Region = Uint8Array | null;

export type RegionMaker = (hole: Hole, shape: Shape, recipe: Pick<Settings, "rim_width">) => Region;

export interface StartInput extends Averages {
  image: Image;
  hole: Hole;
  shape: Shape;
  recipe: Pick<Settings, "start_value">;
  generator: Generator;
}

/** A start: a new image, which differs from the given one inside the hole only. */
export type Start = (given: StartInput) => Image;

export interface DescentInput extends Averages {
  recipe: EngineSettings;
  classifier: Classifier;
  image: Image;
  hole: Hole;
  label: number;
  seed?: number;
}

/** A result to go on from: all pixels of an image, and the steps that were made. */
export interface Resumed {
  image: Image;
  steps: number;
}

export type Stopped = "step limit" | "tolerance" | null;

// The panel and its worker

/** The panel's messages to its worker. */
export type Request =
  | { type: "open"; manifest: Manifest | string; files?: Files }
  | BeginRequest
  | { type: "change"; settings: Settings; label: number }
  | { type: "pace"; running: boolean; speed: number }
  | { type: "step" }
  | { type: "draw" }
  | { type: "read"; classifier: string; image: Image };

export interface BeginRequest {
  type: "begin";
  run: number;
  settings: Settings;
  image: Image;
  hole: Hole;
  label: number;
  seed: number;
  resumed?: Resumed;
}

/** The worker's answers: the start of each descent, and a state once for each "draw", as soon as there is a new one. */
export type Reply =
  | { type: "opened"; manifest: OpenManifest }
  | { type: "started"; run: number; start: Image }
  | { type: "loading"; received: number; total: number }
  | { type: "problem"; text: string }
  | { type: "read"; probabilities: Float64Array }
  | State;

/** After each step since the state before: the energy, the gradient norm, and each term's share of the energy. */
export interface Points {
  energy: number[];
  norm: number[];
  shares: Record<string, number[]>;
}

export interface State extends Pick<Descent, "image" | "energy" | "stopped"> {
  type: "state";
  run: number;
  step: number;
  probabilities: Float64Array;
  points: Points;
}

// The controls

/** The value of a control or a setting. */
export type Value = string | number | [number, number];

/** One entry of a list. */
export interface Choice {
  value: Value;
  text: string;
}

/** The entries of the lists whose content depends on the recipe. */
export interface Choices {
  recipes: string[];
  examples: Choice[];
  labels: Choice[];
  starts: string[];
  holes: string[];
}

/** A control: a slider if it has `values`, a list if it has `choices`. */
export interface ControlKind {
  label: string;
  setting?: boolean;
  restarts?: boolean;
  values?: number[];
  choices?: (panel: Panel) => (string | Choice)[];
  format?: (value: number) => string;
}

/** The choices of the reader, or of the page's address: a recipe, its changed settings, and the image. */
export interface Asked {
  recipe: string;
  example: string;
  hole: string;
  label: number;
  seed: number;
  speed: number;
  side: number;
  threshold: number;
  [setting: string]: Value;
}

/** The contents of a link; `image` only if it is the reader's own, `resumed` only if a step was made. */
export interface Shared {
  settings: Partial<Asked>;
  hole: Hole;
  image: Image | null;
  resumed: Resumed | null;
}

/** A preset of the playground: what it is called, what it shows, and what it asks for. */
export interface Preset {
  title: string;
  words: string;
  asked: { recipe: string; example: string; label: number; hole?: string; [setting: string]: Value | undefined };
  rectangle?: [top: number, left: number, height: number, width: number];
  dark?: number; // pixels below this value are missing
}
