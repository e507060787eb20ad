import assert from "node:assert/strict";
import type { Cell } from "../../cli/commands/explain.ts";
import type { Entry } from "../../cli/commands/history.ts";
import type { Policy } from "../../cli/commands/protect.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";
import { readLines, verb, type Way } from "./verbs.ts";

const client = "cli_HbEwl9rN11pSuDEU";
const cell = ["gazelle_clients", client, "personal_notes"];

Deno.test("explain, history, release, protect and health", async (test) => {
  await using platform = await smallShop();
  const { sql } = platform;
  await sync(platform, "clients");
  await sql`update gazelle_clients set personal_notes = 'Porte 3', tags = '{vip}' where external_id = ${client}`;
  await sync(platform, "clients");

  const both = async <T>(...words: string[]): Promise<T[]> => {
    const read = async (way: Way) => readLines<T>(await verb(platform, way, ...words, "--json"));
    const found = await read("URL and key");
    assert.deepEqual(await read("SQL"), found);
    return found;
  };

  await test.step("explain: all protected columns, or one in detail", async () => {
    const all = await both<Cell>("explain", "gazelle_clients", client);
    assert.ok(all.length > 1 && all.every(({ column_name, owner }) => !owner || column_name !== "status"));
    const [tags] = await both<Cell>("explain", "gazelle_clients", client, "tags");
    assert.deepEqual([tags?.owner, tags?.value], ["postgres", ["vip"]]);
    const { printed } = await verb(platform, "URL and key", "explain", "gazelle_clients", client, "tags");
    assert.match(
      printed,
      /^tags of cli_\w+: \["vip"\] \(merge_set\)\n {2}Owned by postgres, rank 100, since /,
    );
    assert.match(printed, /"vip" was put in by postgres/);
  });

  await test.step("release needs a person: refused by URL and key, with what to name", async () => {
    const { code, output } = await verb(platform, "URL and key", "release", ...cell);
    assert.equal(code, 1);
    assert.match(output, /release needs a person's rank.*\(needs_person\).*ETIQUETTE_DATABASE_URL/s);
    const [row] = await sql`select personal_notes from gazelle_clients where external_id = ${client}`;
    assert.equal(row?.personal_notes, "Porte 3");
  });

  await test.step("release by SQL: what was offered lands, and the history tells it", async () => {
    const [{ offered }] = await both<Cell>("explain", ...cell) as [Cell];
    const { code, printed } = await verb(platform, "SQL", "release", ...cell);
    assert.equal(code, 0);
    assert.match(printed, /^personal_notes of cli_\w+ is the source's again\. What stands there: /);
    const [row] = await sql`select personal_notes from gazelle_clients where external_id = ${client}`;
    assert.equal(row?.personal_notes, offered);
    const entries = await both<Entry>("history", ...cell);
    assert.deepEqual(entries.map(({ event, writer }) => [event, writer]), [["released", "postgres"], [
      "claimed",
      "postgres",
    ]]);
    assert.match(
      (await verb(platform, "SQL", "history", ...cell)).printed,
      /claimed +│ postgres │ .*"Porte 3"/,
    );
  });

  await test.step("protect: a list without arguments; a policy with them, by SQL alone", async () => {
    const before = await both<Policy>("protect");
    assert.ok(
      before.some(({ tbl, col, mode }) =>
        tbl === "gazelle_clients" && col === "tags" && mode === "merge_set"
      ),
    );
    const words = ["protect", "gazelle_clients", "locale", "--mode", "fill_blank", "--blank", "xx"];
    assert.match((await verb(platform, "URL and key", ...words)).output, /needs_person/);
    const { code, printed } = await verb(platform, "SQL", ...words);
    assert.equal(code, 0);
    assert.match(printed, /gazelle_clients │ locale │ fill_blank │ xx +│ keep +│ external_id/);
    assert.equal((await both<Policy>("protect")).length, before.length + 1);
  });

  await test.step("health: nothing to say; and 1 with the way to repair it", async () => {
    const sound = await verb(platform, "URL and key", "health");
    assert.deepEqual([sound.code, sound.printed], [0, "Everything that protects is in place.\n"]);
    await sql`alter table gazelle_clients disable trigger "~~ownership_guard"`;
    for (const way of ["URL and key", "SQL"] as const) {
      const { code, printed } = await verb(platform, way, "health");
      assert.equal(code, 1);
      assert.match(printed, /✖ .* on .*gazelle_clients: .*~~ownership_guard.*enable always trigger/s);
    }
  });

  await test.step("a table, row, column or mode there is not", async () => {
    for (
      const [words, says] of [
        [["explain", "gazelle_client", client], /\(42P01\)\n {2}See the tables .*: etiquette protect/],
        [["explain", "gazelle_clients", "cli_0"], /no row with the key 'cli_0' \(OW010\)/],
        [["explain", "gazelle_clients", client, "tag"], /gazelle_clients\.tag is not protected \(OW008\)/],
        [["history", "gazelle_clients", "cli_0"], /no row with the key 'cli_0' \(OW010\)/],
        [["protect", "gazelle_clients", "tag"], /\(OW003\)/],
        [["protect", "gazelle_clients", "tags", "--mode", "mine"], /\(OW004\)/],
        [["release", "gazelle_clients", client, "city"], /nobody owns city|not protected/],
      ] as const
    ) {
      const { code, output } = await verb(platform, "SQL", ...words);
      assert.equal(code, 1, output);
      assert.match(output, says);
    }
    const missing = await verb(platform, "URL and key", "explain", "gazelle_client", client);
    assert.match(missing.output, /\(42P01\)\n {2}See the tables .*: etiquette protect/);
    assert.equal((await verb(platform, "SQL", "protect", "gazelle_clients")).code, 2);
  });
});
