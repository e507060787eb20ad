// The edge runtime announces the end of an isolate, so that a run can be paused in time.

const controller = new AbortController();

globalThis.addEventListener("beforeunload", () => controller.abort());

export const stopping: AbortSignal = controller.signal;
