import assert from "node:assert/strict";
import { connect } from "node:net";
import postgres from "postgres";
import { dataFolder, etiquette, type Run } from "./etiquette.ts";

const client = "cli_HbEwl9rN11pSuDEU";

Deno.test("a day with npm start", async (test) => {
  await using folder = await dataFolder();
  const args = ["start", "--scale", "0.2", "--data", folder.path];
  const run = etiquette(args);
  const places = await placesOf(run);
  const sql = postgres(places.psql, { max: 1, onnotice: () => {} });

  await test.step("a tag set in psql survives ten syncs", async () => {
    await sql`update gazelle_clients set tags = tags || '{vip}' where external_id = ${client}`;
    const { cronKey } = JSON.parse(await Deno.readTextFile(`${folder.path}/keys.json`));
    for (let round = 0; round < 10; round++) {
      const response = await fetch(`${places.api}/functions/v1/sync-clients`, {
        method: "POST",
        headers: { apikey: cronKey },
      });
      assert.equal((await response.json()).status, "complete");
    }
    const [row] = await sql`select tags from gazelle_clients where external_id = ${client}`;
    assert.ok(row?.tags.includes("vip"));
    assert.ok(row?.tags.includes("institutional"));
  });

  await test.step("explain says who owns it", async () => {
    const [cell] = await sql`
      select owner, elements from ownership.explain('gazelle_clients', ${client}, 'tags')`;
    assert.equal(cell?.owner, "postgres");
    assert.ok(cell?.elements.some((one: { element: string }) => one.element === "vip"));
  });

  await test.step("a second start at once is told so", async () => {
    const second = etiquette(args);
    assert.equal(await second.ended, 1);
    assert.match(second.output(), /already runs at http:\/\/127\.0\.0\.1:\d+\. \(already_running\)/);
    assert.match(second.output(), /Ctrl-C/);
  });

  await test.step("Ctrl-C stops it, and nothing is left behind", async () => {
    await sql.end();
    run.signal("SIGINT");
    assert.equal(await run.ended, 0, run.output());
    for (const url of [places.api, places.psql]) assert.equal(await answers(url), false, url);
  });

  await test.step("the next start goes on with the data, and finds nothing to write", async () => {
    const again = etiquette([...args, "--once"]);
    assert.equal(await again.ended, 0, again.output());
    assert.match(again.output(), /clients +│ complete │ +0 │ +0 │ +[1-9]/);
  });

  await test.step("--fresh starts over", async () => {
    const fresh = etiquette([...args, "--once", "--fresh"]);
    assert.equal(await fresh.ended, 0, fresh.output());
    assert.match(fresh.output(), /clients +│ complete │ +[1-9]\d* │ +0 │ +0/);
  });
});

async function placesOf(run: Run): Promise<{ api: string; psql: string }> {
  const output = await run.shows("Ctrl-C stops it");
  const found = (pattern: RegExp) => pattern.exec(output)?.[1] ?? assert.fail(output);
  return { api: found(/API +(http\S+)/), psql: found(/psql +(postgres\S+)/) };
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(true);
    }).once("error", () => resolve(false));
  });
}
