// The thread that descends, so that the page scrolls and its controls follow at all times.
//
// It is told: open {manifest, files}, begin {run, settings, image, hole, label, seed}, change {settings, label},
// pace {running, speed}, step, draw. It tells: opened {manifest}, loading {received, total}, problem {text}, and, once
// for each draw as soon as there is something new, state {run, step, image, energy, points, probabilities, stopped}.

import { Descent } from "./descent.js";
import { Model } from "./model.js";

const SLICE = 8; // ms of steps between two looks at the messages

let model = null;
let task = null; // what was asked for last; its number tells an older one that it is overtaken
let descent = null;
let running = false;
let speed = Infinity;
let due = 0; // when the next step may be made, at a limited speed
let wanted = false; // whether the page waits for a state
let fresh = false; // whether there is one that it has not seen
let points = { energy: [], norm: [] };

onmessage = async ({ data }) => {
  try {
    await act[data.type](data);
  } catch (error) {
    descent = null;
    postMessage({ type: "problem", text: error.message });
  }
};

const act = {
  async open({ manifest, files }) {
    const progress = (received, total) => postMessage({ type: "loading", received, total });
    model = await Model.open(manifest, { files, progress });
    postMessage({ type: "opened", manifest: model.manifest });
  },

  async begin(asked) {
    task = asked;
    descent = null; // the one before has ended: its states would pass for those of this run
    const [classifier, start] = await Promise.all([
      model.classifier(asked.settings.classifier),
      model.start(asked.settings, asked.label),
    ]);
    if (task !== asked) return; // overtaken while its files were loaded
    descent = new Descent({ ...asked, recipe: asked.settings, classifier, ...start });
    points = { energy: [], norm: [] };
    look();
    tell();
    go();
  },

  change({ settings, label }) {
    if (task === null) return;
    Object.assign(task, { settings, label });
    if (descent === null) return; // it will begin with them
    descent.change({ recipe: settings, label });
    look();
    tell();
  },

  pace(asked) {
    ({ running, speed } = asked);
    due = performance.now();
    go();
  },

  step() {
    if (descent === null) return;
    advance();
    tell();
  },

  draw() {
    wanted = true;
    tell();
  },
};

// Messages come in between two slices: a channel to oneself has no waiting time, as timers have.
const channel = new MessageChannel();
let scheduled = false;
channel.port1.onmessage = () => {
  scheduled = false;
  if (!running || descent === null || descent.stopped) return;
  const end = performance.now() + SLICE;
  try {
    while (!descent.stopped && performance.now() < end && performance.now() >= due) advance();
  } catch (error) {
    postMessage({ type: "problem", text: error.message });
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

function advance() {
  descent.step();
  due = speed >= 1e6 ? 0 : Math.max(due, performance.now() - 1000) + 1000 / speed;
  look();
}

/** Note what is to be seen of the image as it is now. */
function look() {
  points.energy.push(descent.energy);
  points.norm.push(descent.gradientNorm);
  fresh = true;
}

function tell() {
  if (!wanted || !fresh || descent === null) return;
  wanted = fresh = false;
  const { steps: step, image, energy, terms, gradientNorm, stopped } = descent;
  const probabilities = descent.probabilities();
  postMessage({
    type: "state", run: task.run, step, image, energy, terms, gradientNorm, stopped, probabilities, points,
  });
  points = { energy: [], norm: [] };
}
