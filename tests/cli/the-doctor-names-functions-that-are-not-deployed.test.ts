import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import type { Check } from "../../cli/checks.ts";
import { localPlatform } from "../fixtures/local.ts";
import { dataFolder, root } from "./etiquette.ts";
import { readLines, verb } from "./verbs.ts";

Deno.test("functions that are not deployed, or are others, are named with the command that deploys them", async () => {
  await using folder = await dataFolder();
  const functions = `${folder.path}/functions`;
  await cp(`${root}supabase/functions`, functions, { recursive: true });
  await Deno.remove(`${functions}/sync-users`, { recursive: true });
  await Deno.remove(`${functions}/detect-pls`, { recursive: true });
  await using platform = await localPlatform({ functions });
  const look = async () => {
    const checks = readLines<Check>(await verb(platform, "URL and key", "doctor", "--json"));
    return checks.find(({ name }) => name === "functions");
  };
  const missing = await look();
  assert.equal(missing?.found, "not deployed: detect-pls sync-users");
  assert.equal(missing?.next, "npx supabase@3.1.0 functions deploy detect-pls sync-users");

  const another = `export default { fetch: () => Response.json({ status: "complete" }) };\n`;
  for (const name of ["sync-users", "detect-pls"]) {
    await Deno.mkdir(`${functions}/${name}`);
    await Deno.writeTextFile(`${functions}/${name}/index.ts`, another);
  }
  const other = await look();
  assert.equal(other?.found, "detect-pls answers 200");
  assert.equal(other?.next, "npx supabase@3.1.0 functions deploy detect-pls");
});
