// The process that runs the edge functions.
import process from "node:process";
import { runChild } from "./run-child.ts";
import { createFunctions } from "./functions.ts";

export interface FunctionsSettings {
  directory: string;
  /** The environment of the functions. */
  environment: Record<string, string>;
}

if (import.meta.main) await runChild(startFunctions);

function startFunctions({ directory, environment }: FunctionsSettings) {
  Object.assign(process.env, environment);
  const background = standIn();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    createFunctions(directory),
  );
  return Promise.resolve({
    report: { port: server.addr.port },
    async stop() {
      // The edge runtime fires the same event before it ends an isolate.
      globalThis.dispatchEvent(new Event("beforeunload"));
      await server.shutdown();
      await Promise.allSettled(background);
    },
  });
}

/** Stands in for the global of the edge runtime. An error that one function does not catch must not end the others. */
function standIn(): Set<Promise<unknown>> {
  const background = new Set<Promise<unknown>>();
  const waitUntil = (work: Promise<unknown>) => {
    const tracked = work.finally(() => background.delete(tracked));
    background.add(tracked);
  };
  Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("unhandled:", event.reason);
  });
  return background;
}
