// Where a panel's session runs: in a worker, or, where the browser gives the page none, on the page itself.

/** @import { Reply, Request } from "./types.d.ts" */

function newWorker() {
  return globalThis.inpaintLive?.worker()
    ?? new Worker(new URL("worker.js", import.meta.url), { type: "module" });
}

export class Runner {
  /** @type {Worker | undefined} */
  worker;
  #answered = false; // whether the worker has ever answered: one that loads, and may start, does so at once
  /** @type {Request[]} what a worker was asked that may never answer */
  #asked = [];
  #heard;
  #failed;
  #closed = false;
  /** @type {Promise<(asked: Request) => Promise<void>> | undefined} */
  #onPage;

  /**
   * @param {(message: Reply) => void} heard - called with every answer
   * @param {(words: string) => void} failed - called if the session can run nowhere
   */
  constructor(heard, failed) {
    this.#heard = heard;
    this.#failed = failed;
    try {
      this.worker = newWorker();
    } catch {
      this.#moveToPage();
      return;
    }
    this.worker.addEventListener("message", ({ data }) => {
      this.#answered = true;
      this.#asked = [];
      heard(data);
    });
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (this.#answered) failed("The script that runs the descent has stopped.");
      else this.#moveToPage();
    });
  }

  /** @param {Request} message */
  send(message) {
    if (this.#onPage) {
      this.#onPage.then((act) => (this.#closed ? undefined : act(message)), () => {}); // the failure was told
    } else {
      this.worker?.postMessage(message);
      if (!this.#answered) this.#asked.push(message);
    }
  }

  close() {
    this.worker?.terminate();
    this.#onPage?.then((act) => act({ type: "pace", running: false, speed: 0 }), () => {});
    this.#closed = true;
  }

  #moveToPage() {
    this.worker?.terminate();
    this.worker = undefined;
    // What a worker says is a copy; the engine goes on changing its arrays.
    this.#onPage = import("./session.js").then(({ begun }) => begun((message) => {
      if (!this.#closed) this.#heard(structuredClone(message));
    }));
    this.#onPage.catch(() => {
      if (!this.#closed) this.#failed("The script that runs the descent could not be loaded.");
    });
    for (const message of this.#asked) this.send(message);
  }
}
