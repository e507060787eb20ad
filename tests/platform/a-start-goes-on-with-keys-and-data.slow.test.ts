import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { alive } from "../../local/cluster.ts";
import { startPlatform } from "../../local/platform.ts";
import { harness } from "../fixtures/database.ts";
import { problemOf } from "../fixtures/problems.ts";
import { descendants, startScript, until, usersOf } from "../fixtures/processes.ts";

const script = new URL("../fixtures/start-platform.ts", import.meta.url);
const { migrations } = harness();
const ports = { api: 0, database: 0 };

async function temporary() {
  const path = await mkdtemp(`${tmpdir()}/etiquette-local-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function query(url: string, text: string): Promise<postgres.Row | undefined> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return await sql.unsafe(text).then(([row]) => row).finally(() => sql.end({ timeout: 1 }));
}

Deno.test("a start reports its steps; the next goes on with keys and data; fresh starts over", async () => {
  await using folder = await temporary();
  const steps: string[] = [];
  const start = (fresh = false) =>
    startPlatform({
      folder: folder.path,
      migrations,
      ports,
      fresh,
      onStep: ({ name, state }) => state === "done" && steps.push(name),
    });
  const first = await start();
  assert.deepEqual(steps, ["database", "migrations", "functions", "api"]);
  assert.ok(first.applied.length > 0);
  await query(first.databaseUrl, "create table public.mine as select 1 as one");
  await Promise.all([first.stop(), first.stop()]);

  const second = await start();
  assert.deepEqual([second.applied, second.secretKey], [[], first.secretKey]);
  assert.equal((await query(second.databaseUrl, "select one from public.mine"))?.one, 1);
  const vault =
    "select decrypted_secret as value from vault.decrypted_secrets where name = 'cron_secret_key'";
  assert.equal((await query(second.databaseUrl, vault))?.value, second.cronKey);
  await second.stop();

  const third = await start(true);
  assert.deepEqual(third.applied, first.applied);
  assert.equal((await query(third.databaseUrl, "select to_regclass('public.mine') as mine"))?.mine, null);
  await third.stop();
  const { mode } = await stat(`${folder.path}/keys.json`);
  assert.equal(mode & 0o777, 0o600);
});

Deno.test("a second start is told where the first one runs; a mark left behind is taken over", async () => {
  await using folder = await temporary();
  const first = await startScript(script, [folder.path, migrations]);
  const port = Number(new URL(first.line).port);
  const same = { api: port, database: 0 };
  const second = await problemOf(startPlatform({ folder: folder.path, migrations, ports: same }));
  assert.equal(second.code, "already_running");
  await using elsewhere = await temporary();
  const busy = await problemOf(startPlatform({ folder: elsewhere.path, migrations, ports: same }));
  assert.deepEqual([busy.code, busy.message], ["port_busy", `Port ${port} for the API is taken.`]);
  assert.ok(second.message.includes(first.line) && second.details.includes(String(first.process.pid)));
  const lock = await readFile(`${folder.path}/lock`, "utf8");
  first.process.kill("SIGTERM");
  await first.exit;
  assert.equal(existsSync(`${folder.path}/lock`), false);

  await writeFile(`${folder.path}/lock`, lock);
  const third = await startPlatform({ folder: folder.path, migrations, ports });
  await third.stop();
});

Deno.test("kill -9 leaves no process behind, and the next start works", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporary();
  const run = await startScript(script, [folder.path, migrations]);
  const below = descendants(run.process.pid!);
  assert.ok(below.length >= 4, `guard, server, functions and API were expected, found ${below.length}`);
  run.process.kill("SIGKILL");
  await run.exit;
  await until(() => !below.some(alive));
  const next = await startPlatform({ folder: folder.path, migrations, ports });
  assert.equal((await query(next.databaseUrl, "select 1 as one"))?.one, 1);
  await next.stop();
});

Deno.test("a start that is called off stops what it had started, and so does one that fails", async () => {
  await using folder = await temporary();
  const stop = new AbortController();
  const used: number[] = [];
  const onStep = ({ name }: { name: string }) => {
    if (name !== "migrations") return;
    if (Deno.build.os === "linux") used.push(usersOf(folder.path).length);
    stop.abort(new Error("called off"));
  };
  await assert.rejects(
    startPlatform({ folder: folder.path, migrations, ports, onStep, signal: stop.signal }),
    /called off/,
  );
  const first = await startPlatform({ folder: folder.path, migrations, ports });
  await first.stop();
  assert.equal(
    (await problemOf(startPlatform({ folder: folder.path, migrations: folder.path, ports }))).code,
    "migration_order",
  );
  if (Deno.build.os === "linux") {
    assert.ok(used[0]! >= 4, `guard, server, functions and API were expected, found ${used[0]}`);
    assert.deepEqual(usersOf(folder.path), []);
  }
  assert.equal(existsSync(`${folder.path}/lock`), false);
});
