#!/usr/bin/env node
// `npx etiquette`. In a clone: main.ts in the Deno of this project, from whatever folder. Signals go on to it, its exit code
// comes back. In the npm package, which has no main.ts: the verbs of the engine, in this Node.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const main = join(folder, "main.ts");

if (existsSync(main)) runInDeno();
else await import("../dist/etiquette.js");

function runInDeno() {
  const words = ["run", "--quiet", "--allow-all", main, ...process.argv.slice(2)];
  const child = spawn(findDeno(), words, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => fail(error.message));
  child.once("exit", (code, signal) => {
    if (code !== null) process.exit(code);
    // Whoever waits for this process is to see what ended the other.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Beside this project, or wherever npm put it. */
function findDeno() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("deno/package.json")), "deno");
  } catch (error) {
    return fail(error.message.split("\n")[0]);
  }
}

function fail(reason) {
  console.error(`\n✖ The Deno of this project cannot be run. (deno_missing)`);
  console.error(`  ${reason}\n  Install it: cd ${dirname(folder)} && npm ci --include=dev`);
  process.exit(1);
}
