import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { tagInstitutions } from "../../cli/people.ts";
import { createScheduler } from "../../local/scheduler.ts";
import { dataFolder, root } from "../cli/etiquette.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";
import { layOutCommands, playGuide } from "./guide.ts";
import { playSessions } from "./sessions.ts";

const readme = await readFile(`${root}README.md`, "utf8");
const [, script = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
const [, lines = ""] = /^```sh\n([\s\S]*?)^```$/m.exec(readme) ?? [];

Deno.test("README: tags by plain SQL stay, and each way to start a sync starts one", async (test) => {
  await using folder = await dataFolder();
  await layOutCommands(folder.path);
  await using platform = await smallShop();
  const { sql } = platform;
  await sync(platform, "clients");

  await test.step("SQL: what is tagged is a person's, before and after a sync", async () => {
    await tagInstitutions(sql);
    const reserved = await sql.reserve();
    assert.equal(await playSessions(readme, reserved), readme);
    reserved.release();
    assert.equal((await sync(platform, "clients")).body.counters["kept"], 5);
    const [client] = await sql`select tags from gazelle_clients where external_id = 'cli_HbEwl9rN11pSuDEU'`;
    assert.deepEqual(client?.tags, ["institutional", "vip"]);
  });

  await test.step("supabase.functions.invoke", async () => {
    const { data, error } = await runScript(folder.path, platform);
    assert.deepEqual([error, data.status, data.dry_run], [null, "complete", true]);
    assert.deepEqual(await newest(platform), {
      id: data.run_id,
      started_by: "key default",
      status: "complete",
      dry_run: true,
    });
  });

  const [curl = "", invoke = "", schedule = ""] = lines.split("\n");
  for (const [name, line] of [["curl", curl], ["etiquette invoke", invoke]] as const) {
    await test.step(name, async () => {
      const last = (await newest(platform)).id;
      await type(line, folder.path, platform);
      const run = { id: last + 1, started_by: "key default", status: "complete", dry_run: false };
      assert.deepEqual(await newest(platform), run);
    });
  }

  await test.step("etiquette schedule, and pg_cron from then on", async () => {
    const last = (await newest(platform)).id;
    await type(schedule, folder.path, platform);
    await using scheduler = createScheduler(platform.databaseUrl);
    await scheduler.tick(new Date("2026-11-23T10:29:00Z"));
    assert.equal((await newest(platform)).id, last);
    await scheduler.tick(new Date("2026-11-23T10:30:00Z"));
    const run = { id: last + 1, started_by: "key cron", status: "complete", dry_run: false };
    assert.deepEqual(await newest(platform), run);
  });
});

async function newest({ sql }: TestPlatform) {
  const [run] = await sql<{ id: number; started_by: string; status: string; dry_run: boolean }[]>`
    select id::integer, started_by, status, dry_run from sync.runs where stream = 'clients' order by id desc limit 1`;
  return { ...run! };
}

/** The lines of an application, and what they leave in `data` and `error`. */
async function runScript(folder: string, { url, secretKey }: TestPlatform) {
  await writeFile(`${folder}/application.ts`, `${script}\nconsole.log(JSON.stringify({ data, error }));\n`);
  const { stdout } = await promisify(execFile)(
    Deno.execPath(),
    ["run", "--quiet", "--no-check", "--allow-all", `--config=${root}deno.json`, `${folder}/application.ts`],
    { env: { SUPABASE_URL: url, SECRET_KEY: secretKey } },
  );
  return JSON.parse(stdout);
}

async function type(line: string, folder: string, { url, secretKey, databaseUrl }: TestPlatform) {
  const names = { SUPABASE_URL: url, SECRET_KEY: secretKey, ETIQUETTE_URL: url };
  const own = { ...names, ETIQUETTE_SECRET_KEY: secretKey, ETIQUETTE_DATABASE_URL: databaseUrl };
  const exports = Object.keys(own).map((name) => `export ${name}='…'`);
  await playGuide(`\`\`\`sh\n${exports.join("\n")}\n${line}\n\`\`\`\n`, "", {
    folder,
    values: () => own,
    rewritten: () => ({}),
    cli: "",
    onOutput: () => {},
  });
}
