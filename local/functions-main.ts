// The process of the edge functions.
import process from "node:process";
import { runChild } from "./run-child.ts";
import { createFunctions } from "./functions.ts";

export interface FunctionsSettings {
  directory: string;
  /** What the functions find in their environment. */
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
      // The edge runtime says so too before it ends an isolate.
      globalThis.dispatchEvent(new Event("beforeunload"));
      await server.shutdown();
      await Promise.allSettled(background);
    },
  });
}

/** Stand-in for the edge runtime's own global; one function's stray error must not end the others. */
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
