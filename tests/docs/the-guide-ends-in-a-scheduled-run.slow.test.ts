import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { arrive, reachSchedule } from "./deploying.ts";
import { readDocument } from "./engine.ts";
import { squeezed } from "./guide.ts";

const document = await readDocument("deploy.md");
const hint = "look at what changed, then renew it with `UPDATE_DOCS=1 npm test -- the-guide-ends`";

Deno.test("docs/deploy.md, typed to a stand-in for the CLI: a run that the schedule started, and a way back that keeps values", async () => {
  const [forth = "", back = ""] = document.split(/(?=^## The way back$)/m);
  await using reader = await arrive();
  let played = await reachSchedule(reader, forth);

  const { database: { sql }, platform } = reader.project();
  const values = () => sql`select external_id, tags, company_name from gazelle_clients order by 1`;
  const kept = [...await values()];
  played += await reader.play(back, "api-key");
  assert.deepEqual([...await values()], kept);
  assert.ok(kept.some(({ tags }) => tags.includes("institutional")));
  assert.deepEqual([...await sql`select from cron.job`], []);
  assert.deepEqual([...await sql`select from pg_namespace where nspname ~ '^ownership'`], []);
  const gone = await fetch(`${platform.url}/functions/v1/sync-clients`, { method: "POST" });
  assert.equal(gone.status, 404, await gone.text());
  await sql`update gazelle_clients set tags = '{institutional}'`;

  if (process.env["UPDATE_DOCS"] !== undefined) {
    await writeFile(new URL("../../docs/deploy.md", import.meta.url), played);
  }
  assert.equal(squeezed(played), squeezed(document), hint);
});

Deno.test("docs/deploy.md, with a connection in the place of a key", async () => {
  const [before = ""] = document.split(/(?=^## 5\.)/m);
  await using reader = await arrive();
  await reader.play(before, "connection");
  const [found] = await reader.project().database.sql`select sync_token_status() as status`;
  assert.equal(found?.status.attempt.outcome, "connected");
  await reader.play("```sh\nnpx etiquette sync users\n```\n", "connection");
});

Deno.test("what the player does not know fails", async () => {
  await using reader = await arrive();
  for (
    const [line, reason] of [
      ["rm -rf .local", /rm: command not found/],
      ["npx supabase@3.0.0 login", /does not know supabase@3\.0\.0/],
      ["npx supabase@3.1.0 bootstrap", /does not know: supabase bootstrap/],
      ["npx supabase@3.1.0 login --force", /has no flag --force/],
      ["npx supabase@3.1.0 orgs list", /Access token not provided/],
      ["export WEBHOOK=…", /no value for WEBHOOK/],
      ["false; true", /ended with 1/],
    ] as const
  ) await assert.rejects(reader.play(`\`\`\`sh\n${line}\n\`\`\`\n`, "api-key"), reason);
});
