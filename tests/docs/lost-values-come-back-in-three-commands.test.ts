import assert from "node:assert/strict";
import { tagInstitutions } from "../../cli/people.ts";
import { etiquette } from "../cli/etiquette.ts";
import { ways } from "../cli/verbs.ts";
import { scheduledShop } from "../sync/scheduling.ts";
import { readDocument } from "./engine.ts";

const document = await readDocument("operations.md");

Deno.test("docs/operations.md begins with three commands after which all is well, whatever was lost", async () => {
  const [, first = ""] = /\n## ([\s\S]*?)\n## /.exec(document) ?? [];
  assert.match(first, /^Values are lost: what now\?\n/);
  const commands = [...first.matchAll(/^\$ npx etiquette (.+)$/gm)].map(([, words]) => words!.split(" "));
  assert.equal(commands.length, 3);

  await using shop = await scheduledShop();
  const { sql } = shop;
  const environment = {
    ETIQUETTE_DATA: `${shop.folder}/nothing`,
    ...ways["URL and key"](shop),
    ...ways.SQL(shop),
  };
  const type = async (words: string[]) => {
    const run = etiquette(words, environment);
    return { code: await run.ended, output: run.output() };
  };
  await type(["sync", "--all"]);
  await tagInstitutions(sql);
  await sql`update gazelle_pianos set location = 'Studio 4' where external_id = (select min(external_id) from gazelle_pianos)`;
  assert.equal((await type(["verify"])).code, 0);

  await sql`alter table gazelle_clients disable trigger user`;
  await sql`update gazelle_clients set tags = '{}'`;
  await sql`drop trigger "~~ownership_guard" on gazelle_pianos`;
  await sql`truncate gazelle_pianos`;
  const [lost] = await sql`select shop_status() ->> 'state' as state`;
  assert.equal(lost?.state, "lost");

  const ended = [];
  for (const words of commands) ended.push(await type(words));
  assert.equal(ended[2]?.code, 0, JSON.stringify(ended));
  assert.match(ended[2]!.output, /^The shop is well\.$/m);
  const [back] = await sql`select
    (select count(*)::integer from gazelle_clients where tags @> '{institutional}') as institutions,
    (select count(*)::integer from gazelle_pianos where location = 'Studio 4') as studios`;
  assert.deepEqual({ ...back }, { institutions: 5, studios: 1 });
});
