import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

interface EdgeFunction {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * Serves `<directory>/<name>/index.ts` under `/<name>`. Each module is imported once and kept, as in a warm
 * isolate.
 */
export function createFunctions(directory: string) {
  const loaded = new Map<string, Promise<EdgeFunction>>();
  return async (request: Request): Promise<Response> => {
    const name = new URL(request.url).pathname.split("/")[1] ?? "";
    const path = `${directory}/${name}/index.ts`;
    if (!/^[A-Za-z0-9][\w-]*$/.test(name) || !existsSync(path)) {
      return refusal(404, "NOT_FOUND", "Requested function was not found");
    }
    if (!loaded.has(name)) loaded.set(name, load(path));
    const edgeFunction = await loaded.get(name)!.catch((error) => failed(name, error));
    if (edgeFunction === null) {
      return refusal(503, "BOOT_ERROR", "Function failed to start (please check logs)");
    }
    return await answer(edgeFunction, request, name);
  };
}

async function load(path: string): Promise<EdgeFunction> {
  const module = await import(pathToFileURL(path).href);
  if (typeof module.default?.fetch === "function") return module.default;
  throw new Error(`${path} does not export default { fetch }`);
}

async function answer(edgeFunction: EdgeFunction, request: Request, name: string): Promise<Response> {
  try {
    return await edgeFunction.fetch(request);
  } catch (error) {
    failed(name, error);
    return refusal(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
}

function failed(name: string, error: unknown): null {
  console.error(`[${name}]`, error);
  return null;
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
