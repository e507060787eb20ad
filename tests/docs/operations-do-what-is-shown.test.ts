import assert from "node:assert/strict";
import { createScheduler } from "../../local/scheduler.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";
import { readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";

const document = await readDocument("operations.md");

Deno.test("docs/operations.md: every statement and every call does what is shown", async () => {
  await using platform = await smallShop();
  await lastNight(platform);
  const reserved = await platform.sql.reserve();
  const played: string[] = [];
  for (const part of document.split(/(?<=^```sh\n)([\s\S]*?)(?=^```$)/m)) {
    const isCall = played.at(-1)?.endsWith("```sh\n");
    played.push(isCall ? await playCall(part, platform) : await playSessions(part, reserved));
  }
  reserved.release();
  assert.equal(played.join(""), document);
});

/** Two good runs; then people edit; then a night with edits upstream, a bad record, and a token that sees half. */
async function lastNight(platform: TestPlatform): Promise<void> {
  const { sql, double } = platform;
  await sync(platform, "clients");
  await sync(platform, "pianos");
  const rows = await sql<{ external_id: string }[]>`
    select external_id from gazelle_pianos where make <> '' and location <> '' order by 1 limit 3`;
  const [edited, owned, broken] = rows.map(({ external_id }) => external_id);
  await sql`update gazelle_pianos set location = 'Studio 4' where external_id = ${owned!}`;
  double.order({ kind: "edit", id: edited!, fields: { make: "Bösendorfer", model: "280VC" } });
  double.order({ kind: "edit", id: owned!, fields: { location: "Salle A" } });
  const fault = { kind: "malformed_record", record: broken!, path: "year", value: "vers 1921" } as const;
  double.order({ ...fault, field: "allPianos", times: "always" });
  double.order({ kind: "subset", field: "allClients" });
  await sync(platform, "clients");
  await sync(platform, "pianos");
  await clearFaults(platform);
  double.order({ kind: "subset", field: "allClients" });
  await nightOnSchedule(platform);
}

/** Three hours in which cron's key is another project's. */
async function nightOnSchedule({ sql, databaseUrl }: TestPlatform): Promise<void> {
  await using scheduler = createScheduler(databaseUrl);
  await sql`select sync.schedule()`;
  await sql`select vault.update_secret(id, 'sb_secret_of_another_project') from vault.secrets
    where name = 'cron_secret_key'`;
  for (const time of ["02:15", "03:15", "04:15", "04:25"]) {
    await scheduler.tick(new Date(`2026-11-23T${time}:00Z`));
  }
}

/** Sends what a curl command sends; the comment below it is the HTTP status and that of the run. */
async function playCall(text: string, platform: TestPlatform): Promise<string> {
  const lines: string[] = [];
  for (const line of text.trimEnd().split("\n").filter((line) => !line.startsWith("#"))) {
    const [, stream = ""] = /sync-(\w+)"/.exec(line) ?? [];
    const [, body = ""] = / -d '([^']*)'$/.exec(line) ?? [];
    const reply = await sync(platform, stream as "clients", { body });
    lines.push(line, `# ${reply.status} ${reply.body.status}`);
  }
  return lines.join("\n") + "\n";
}
