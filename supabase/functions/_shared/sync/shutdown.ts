// The end of an isolate: the edge runtime announces it, so that a run can be let go of in time.

const controller = new AbortController();

globalThis.addEventListener("beforeunload", () => controller.abort());

export const stopping: AbortSignal = controller.signal;
