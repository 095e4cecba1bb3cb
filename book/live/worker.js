// The worker of a panel: a session of its own, see session.js.

import { begun } from "./session.js";

/** @import { Request } from "./types.d.ts" */

const act = begun((message) => postMessage(message));

/** @param {MessageEvent<Request>} event */
onmessage = ({ data }) => act(data);
