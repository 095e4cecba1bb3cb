// The loop that descends: it gets one Request at a time and answers with Replies, see types.d.ts.
//
// It runs in worker.js, so that the page scrolls and its controls respond at all times; where the browser gives the
// page no worker, it runs on the page itself, in short slices.

import { Descent } from "./descent.js";
import { Model } from "./model.js";

/** @import { BeginRequest, Files, Image, Manifest, Points, Reply, Request, Settings } from "./types.d.ts" */

const SLICE = 8; // ms of steps before messages are read again

/** @returns {Points} */
const noPoints = () => ({ energy: [], norm: [], shares: {} });

/**
 * Begin a session; returns the function that takes its requests.
 *
 * @param {(message: Reply) => void} reply
 * @returns {(asked: Request) => Promise<void>}
 */
export function begun(reply) {
  /** @type {Model | null} */
  let model = null;
  /** @type {BeginRequest | null} the last one; an older one that is still loading is outdated */
  let task = null;
  /** @type {Descent | null} */
  let descent = null;
  let running = false;
  let speed = Infinity;
  let due = 0; // time of the next step, at a limited speed
  let wanted = false; // whether the page waits for a state
  let fresh = false; // whether there is one that it has not seen
  /** @type {Points} */
  let points = noPoints();

  /** @param {Request} asked */
  async function act(asked) {
    switch (asked.type) {
      case "open": return open(asked);
      case "begin": return begin(asked);
      case "change": return change(asked);
      case "pace": return pace(asked);
      case "step": return oneStep();
      case "draw": return draw();
      case "read": return read(asked);
      default: throw new Error(`type: got ${JSON.stringify(asked)}, wanted a request that this worker knows`);
    }
  }

  /** @param {{ manifest: Manifest | string, files?: Files }} asked */
  async function open({ manifest, files }) {
    model = await Model.open(manifest, {
      files,
      progress: (received, total) => reply({ type: "loading", received, total }),
    });
    reply({ type: "opened", manifest: model.manifest });
  }

  /** @param {BeginRequest} asked */
  async function begin(asked) {
    if (model === null) throw new Error("begin: got no manifest, wanted one to be opened first");
    task = asked;
    descent = null; // states of the previous one would be taken for those of this run
    const [classifier, averages] = await Promise.all([
      model.classifier(asked.settings.classifier),
      model.start(asked.settings, asked.label),
    ]);
    if (task !== asked) return; // outdated while its files were loaded
    descent = new Descent({ ...asked, recipe: asked.settings, classifier, ...averages });
    reply({ type: "started", run: asked.run, start: descent.start });
    if (asked.resumed) descent.resume(asked.resumed);
    points = noPoints();
    look(descent);
    tell();
    go();
  }

  /** @param {{ settings: Settings, label: number }} asked */
  function change({ settings, label }) {
    if (task === null) return;
    Object.assign(task, { settings, label });
    if (descent === null) return; // it will begin with them
    descent.change({ recipe: settings, label });
    look(descent);
    tell();
  }

  /** @param {{ running: boolean, speed: number }} asked */
  function pace(asked) {
    ({ running, speed } = asked);
    due = performance.now();
    go();
  }

  function oneStep() {
    if (descent === null) return;
    advance(descent);
    tell();
  }

  /** @param {{ classifier: string, image: Image }} asked */
  async function read({ classifier: name, image }) {
    const classifier = await model?.classifier(name);
    if (classifier) reply({ type: "read", probabilities: classifier.probabilities(image) });
  }

  function draw() {
    wanted = true;
    tell();
  }

  // Messages are read between two slices: unlike a timer, a channel to the worker itself has no delay.
  const channel = new MessageChannel();
  let scheduled = false;
  channel.port1.onmessage = () => {
    scheduled = false;
    if (!running || descent === null || descent.stopped) return;
    const end = performance.now() + SLICE;
    try {
      while (!descent.stopped && performance.now() < end && performance.now() >= due) advance(descent);
    } catch (error) {
      report(error);
      return;
    }
    tell();
    if (due > end) setTimeout(go, due - performance.now());
    else go();
  };

  function go() {
    if (scheduled || !running || descent === null || descent.stopped) return;
    scheduled = true;
    channel.port2.postMessage(null);
  }

  /** @param {Descent} moving */
  function advance(moving) {
    moving.step();
    due = speed >= 1e6 ? 0 : Math.max(due, performance.now() - 1000) + 1000 / speed;
    look(moving);
  }

  /**
   * Record the energy, its terms' shares and the gradient norm of the current image.
   *
   * @param {Descent} at
   */
  function look(at) {
    points.energy.push(at.energy);
    points.norm.push(at.gradientNorm);
    for (const [name, share] of Object.entries(at.shares)) (points.shares[name] ??= []).push(share);
    fresh = true;
  }

  /** Send a state if the page waits for one and there is a new one. */
  function tell() {
    if (!wanted || !fresh || descent === null || task === null) return;
    wanted = false;
    fresh = false;
    const { steps: step, image, energy, stopped } = descent;
    const probabilities = descent.probabilities();
    reply({ type: "state", run: task.run, step, image, energy, stopped, probabilities, points });
    points = noPoints();
  }

  /** @param {unknown} error */
  function report(error) {
    reply({ type: "problem", text: error instanceof Error ? error.message : String(error) });
  }

  return async (asked) => {
    try {
      await act(asked);
    } catch (error) {
      descent = null;
      report(error);
    }
  };
}
