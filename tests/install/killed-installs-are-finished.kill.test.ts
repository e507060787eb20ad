import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { startPostgres } from "../../local/postgres.ts";
import { readDocument } from "../docs/engine.ts";
import { harness } from "../fixtures/database.ts";
import {
  afterFiles,
  assertWhole,
  someRows,
  startInstall,
  startPsql,
  stateOf,
  undisturbed,
} from "../fixtures/installing.ts";
import { hasPsql, makeOlderShop, olderShop } from "../fixtures/older-shop.ts";
import { descendants, until } from "../fixtures/processes.ts";

const { migrations } = harness();

Deno.test({
  name: "psql that is killed with kill -9 at any place is finished by the same commands",
  ignore: !hasPsql(),
  fn: async (test) => {
    const [document, expected] = [await readDocument("install.md"), await undisturbed()];
    for (const files of [1, 2, 6, 9]) {
      await test.step(`after ${files} files`, async () => {
        await using database = await olderShop(someRows);
        const broken = startPsql(database.url, document);
        await afterFiles(broken, files, () => process.kill(-broken.pid!, "SIGKILL"));
        await assertWhole(database.sql, files);
        await afterFiles(startPsql(database.url, document), -1, () => {});
        assert.deepEqual(await stateOf(database.sql), expected);
      });
    }
  },
});

Deno.test("Postgres that is killed with kill -9 during an install comes back, and the install is finished", async (test) => {
  const expected = await undisturbed();
  for (const files of [2, 6, 8]) {
    await test.step(`after ${files} files`, async () => {
      await using stack = new AsyncDisposableStack();
      const folder = await mkdtemp(`${tmpdir()}/etiquette-killed-install-`);
      stack.defer(() => rm(folder, { recursive: true, force: true }));
      // What was committed stays when processes are killed, whether or not it is on the disk.
      const launch = (port: number) =>
        startPostgres({ dataDir: `${folder}/data`, port, settings: { fsync: "off" } });
      let server = await launch(0);
      stack.defer(() => server.stop());
      await use(server.url, (sql) => makeOlderShop(sql, someRows));

      const install = startInstall(server.url, { errors: "ignore" });
      let dying: number[] = [];
      await afterFiles(install, files, () => {
        // The guard last: it would shut the server down in order.
        dying = [...descendants(server.pid), server.pid];
        for (const pid of dying) signal(pid, "SIGKILL");
      });
      await until(() => !dying.some((pid) => signal(pid, 0)));
      server = await launch(server.port);
      await use(server.url, async (sql) => {
        await assertWhole(sql, files);
        await applyMigrations(sql, migrations);
        assert.deepEqual(await stateOf(sql), expected);
      });
    });
  }
});

async function use(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await work(sql).finally(() => sql.end({ timeout: 1 }));
}

/** Whether there was such a process. */
function signal(pid: number, name: "SIGKILL" | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
