import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { dataFolder, etiquette } from "../cli/etiquette.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";
import { readDocument } from "./engine.ts";

const hint = "look at what changed, then renew it with `UPDATE_DOCS=1 npm test -- the-command-line-prints`";

Deno.test("docs/command-line.md: every command prints what is shown", async () => {
  const document = await readDocument("command-line.md");
  await using folder = await dataFolder();
  await using platform = await smallShop();
  await someDays(platform);
  const played: string[] = [];
  for (const part of document.split(/(?<=^```console\n)([\s\S]*?)(?=^```$)/m)) {
    played.push(
      played.at(-1)?.endsWith("```console\n") ? await playBlock(part, platform, folder.path) : part,
    );
  }
  if (process.env["UPDATE_DOCS"] !== undefined) {
    await writeFile(new URL("../../docs/command-line.md", import.meta.url), played.join(""));
  }
  assert.equal(squeezed(played.join("")), squeezed(document), hint);
});

/** Each `$ etiquette …` with its output, or the exit code where it is not 0. */
async function playBlock(block: string, platform: TestPlatform, cwd: string): Promise<string> {
  const lines: string[] = [];
  for (const command of block.split("\n").filter((line) => line.startsWith("$ etiquette "))) {
    const run = etiquette(wordsOf(command.slice("$ etiquette ".length)), {
      ETIQUETTE_DATABASE_URL: platform.databaseUrl,
      ETIQUETTE_URL: platform.url,
      ETIQUETTE_SECRET_KEY: platform.secretKey,
    }, cwd);
    const code = await run.ended;
    lines.push(command, ...alike(run.printed()), ...(code === 0 ? [] : [`(exit code ${code})`]));
  }
  return lines.join("\n") + "\n";
}

/** As a shell parts them, with single quotes alone. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

function alike(output: string): string[] {
  return output
    .replaceAll(/\d+\.\d s\b/g, "0.2 s")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-11-23 05:00")
    .replaceAll(/\b\d+(\.\d)? h ago/g, "0.2 h ago")
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "https://<project>.supabase.co")
    .replaceAll(/\btest_\w+ answers/g, "postgres answers")
    .replaceAll(/\ball \d+ are (applied|deployed)/g, "all of them are $1")
    .replaceAll(/[ \t]+$/gm, "")
    .trim()
    .split("\n");
}

/** A longer time makes its column wider. */
function squeezed(text: string): string {
  return text.replaceAll(/ {2,}/g, " ").replaceAll(/─+/g, "─");
}

/** Two runs; then people edit, and so does somebody in Gazelle, which sends a bad record, too. */
async function someDays(platform: TestPlatform): Promise<void> {
  const { sql, double } = platform;
  await sync(platform, "clients");
  await sync(platform, "pianos");
  const rows = await sql<{ external_id: string }[]>`
    select external_id from gazelle_pianos where make <> '' and location <> '' order by 1 limit 3`;
  const [edited, owned, broken] = rows.map(({ external_id }) => external_id);
  await sql`update gazelle_clients set tags = tags || '{vip}' where external_id = 'cli_HbEwl9rN11pSuDEU'`;
  await sql`update gazelle_pianos set location = 'Studio 4' where external_id = ${owned!}`;
  double.order({ kind: "edit", id: edited!, fields: { make: "Bösendorfer", model: "280VC" } });
  double.order({ kind: "edit", id: owned!, fields: { location: "Salle A" } });
  const fault = { kind: "malformed_record", record: broken!, path: "year", value: "vers 1921" } as const;
  double.order({ ...fault, field: "allPianos", times: "always" });
  await sync(platform, "pianos");
  await clearFaults(platform);
  await sql`select sync.schedule()`;
}
