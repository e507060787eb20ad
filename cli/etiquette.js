#!/usr/bin/env node
// `npx etiquette`: main.ts in the Deno of this project, from whatever folder. Signals go on to it, its exit code comes back.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const words = ["run", "--quiet", "--allow-all", join(folder, "main.ts"), ...process.argv.slice(2)];

const child = spawn(findDeno(), words, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("error", (error) => fail(error.message));
child.once("exit", (code, signal) => {
  if (code !== null) process.exit(code);
  // Whoever waits for this process is to see what ended the other.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

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
  console.error(`  ${reason}\n  Install it: cd ${dirname(folder)} && npm ci`);
  process.exit(1);
}
