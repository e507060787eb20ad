import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { promisify } from "node:util";
import { until } from "../fixtures/processes.ts";
import { lastRun, smallShop } from "../fixtures/syncing.ts";
import { dataFolder, root } from "./etiquette.ts";

const run = promisify(execFile);
// Started by `env`: Deno takes the place of a `node` that it is to start itself.
const launcher = `${root}cli/etiquette.js`;

Deno.test("npx etiquette in a clone", async () => {
  const { stdout } = await run("npx", ["--no", "--", "etiquette", "--help"], { cwd: root });
  assert.match(stdout, /Usage: etiquette .*sync a stream/s);
});

Deno.test("the launcher, from another folder: output, exit codes, and signals go through", async () => {
  await using folder = await dataFolder();
  await using platform = await smallShop({ GAZELLE_TIMEOUT_MS: "60000" });
  const env = {
    ETIQUETTE_URL: platform.url,
    ETIQUETTE_SECRET_KEY: platform.secretKey,
    PATH: "/usr/bin:/bin",
  };
  const node = (...words: string[]) => run("env", ["node", launcher, ...words], { cwd: folder.path, env });

  assert.equal((await node("sync", "users", "--json")).stdout.split("\n").length, 2);
  assert.equal((await node("runs", "--json").then(({ stdout }) => JSON.parse(stdout))).status, "complete");
  await assert.rejects(node("run", "99"), ({ code, stderr }) => code === 1 && /no run 99/.test(stderr));
  await assert.rejects(node("rnus"), { code: 2 });

  await platform.sql`update sync.settings set stage_rows = 50`;
  platform.double.order({ kind: "timeout", field: "allPianos", page: 3 });
  const child = spawn("env", ["node", launcher, "sync", "pianos"], {
    cwd: folder.path,
    env,
    stdio: "ignore",
  });
  let fetched = 0;
  const looking = setInterval(() => void lastRun(platform).then((last) => fetched = last?.fetched), 20);
  await until(() => fetched === 50).finally(() => clearInterval(looking));
  process.kill(child.pid!, "SIGTERM");
  assert.deepEqual(await once(child, "exit"), [130, null]);
  assert.equal((await lastRun(platform))?.status, "paused");
});

Deno.test("a clone without its packages: what to do", async () => {
  await using folder = await dataFolder();
  await Deno.mkdir(`${folder.path}/cli`);
  await Deno.writeTextFile(`${folder.path}/package.json`, '{"type": "module"}');
  await Deno.writeTextFile(`${folder.path}/cli/main.ts`, "");
  await Deno.copyFile(launcher, `${folder.path}/cli/etiquette.js`);
  await assert.rejects(
    run("env", ["node", `${folder.path}/cli/etiquette.js`, "runs"], { cwd: folder.path }),
    ({ code, stderr }) => code === 1 && /deno_missing.*cd \S+ && npm ci/s.test(stderr),
  );
});
