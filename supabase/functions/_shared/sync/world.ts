// Network, clock and chance, passed in so that tests can replace them. All times are in milliseconds.

export type World = {
  fetch: typeof fetch;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: () => number;
};

export const world: World = {
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
};
