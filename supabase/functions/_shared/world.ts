// The outside world as an isolate has it, shared by the functions that live in it.

import type { World } from "./gazelle.ts";

export const world: World = {
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
  tokens: {},
};
