import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { startPostgres, throwaway } from "../../local/postgres.ts";
import { isProblem } from "../../supabase/functions/_shared/problem.ts";
import { dataFolder } from "../cli/etiquette.ts";
import { localPlatform } from "../fixtures/local.ts";

for (const [script, name] of [["functions-main.ts", "Functions"], ["api-main.ts", "API"]] as const) {
  Deno.test(`the platform tells that its ${name} died, and stops all the same`, async () => {
    await using platform = await localPlatform();
    process.kill(childWith(script), "SIGKILL");
    const ended = await platform.ended;
    assert.equal(ended.message, `${name} ended by itself (SIGKILL).`);
    assert.ok(isProblem(ended) && ended.code === "child_ended");
    assert.match(ended.details ?? "", /^Its log is in .*\.log\.$/);
    await platform.stop();
  });
}

Deno.test("so does a server, also when only the server itself dies and not its guard", async () => {
  await using folder = await dataFolder();
  const server = await startPostgres({ dataDir: `${folder.path}/data`, port: 0, settings: throwaway });
  const [postmaster] = (await Deno.readTextFile(`${folder.path}/data/postmaster.pid`)).split("\n");
  process.kill(Number(postmaster), "SIGQUIT");
  assert.match((await server.ended).message, /^Postgres ended by itself \(exit code \d+\)\.$/);
  await server.stop();
});

Deno.test("what is stopped has not died", async () => {
  const platform = await localPlatform();
  await platform[Symbol.asyncDispose]();
  const nothing = Promise.resolve("nothing");
  assert.equal(await Promise.race([platform.ended, nothing.then(() => nothing)]), "nothing");
});

/** The process of this test that runs the script and was started last. */
function childWith(script: string): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,command="], { encoding: "utf8" });
  const found = stdout.split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...command]) => Number(parent) === process.pid && command.join(" ").includes(script));
  return Number(found.at(-1)![0]);
}
