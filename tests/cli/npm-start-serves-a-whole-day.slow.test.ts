import assert from "node:assert/strict";
import { connect } from "node:net";
import process from "node:process";
import postgres from "postgres";
import { dataFolder, etiquette, type Run } from "./etiquette.ts";

const client = "cli_HbEwl9rN11pSuDEU";

Deno.test("a day with npm start", async (test) => {
  await using folder = await dataFolder();
  const args = ["start", "--scale", "0.2", "--data", folder.path];
  const run = etiquette(args);
  const places = await placesOf(run);
  const sql = postgres(places.psql, { max: 1, onnotice: () => {} });

  await test.step("everything is on schedule", async () => {
    const off = await sql`select job from sync.jobs except select job from sync.schedules where active`;
    assert.deepEqual([...off], []);
    // Taken off again: what is due meanwhile would run into the syncs below.
    assert.equal((await sql`select from sync.unschedule() where active`).length, 0);
  });

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

  const verb = async (...words: string[]) => {
    const run = etiquette([...words, "--data", folder.path]);
    return { code: await run.ended, output: run.output() };
  };
  const file = `${folder.path}/values.json`;

  await test.step("verify has nothing to say, and export writes one file", async () => {
    await sql`select from sync.schedule()`;
    const verified = await verb("verify");
    assert.deepEqual(
      [verified.code, /^The shop is well\.$/m.test(verified.output)],
      [0, true],
      verified.output,
    );
    const exported = await verb("export", file);
    assert.match(exported.output, /^\d+ manual values are in /);
    assert.equal(JSON.parse(await Deno.readTextFile(file)).format, "ownership-export");
  });

  await test.step("verify tells a loss past the triggers, and import brings it back", async () => {
    await sql`alter table gazelle_clients disable trigger user`;
    await sql`update gazelle_clients set tags = array_remove(tags, 'institutional')`;
    await sql`select ownership.repair('gazelle_clients')`;
    const lost = await verb("verify", "--json");
    assert.equal(lost.code, 1);
    const { state, findings } = JSON.parse(lost.output);
    const { expected, found } = findings.find(({ name }: { name: string }) => name === "institutions tagged");
    assert.deepEqual([state, expected, found], ["lost", 5, 0]);

    assert.match((await verb("import", file)).output, /would import .*Nothing is written yet/s);
    assert.equal((await verb("verify")).code, 1, "a dry run writes nothing");
    assert.equal((await verb("import", file, "--apply")).code, 0);
    assert.equal((await verb("verify")).code, 0);
  });

  await test.step("a file that is no export is refused, and says why", async () => {
    await Deno.writeTextFile(file, "{}");
    const { code, output } = await verb("import", file, "--apply");
    assert.equal(code, 1);
    assert.match(output, /values\.json is not imported: .*\(OW020\)/s);
  });

  await test.step("a second start at once is told so", async () => {
    const second = etiquette(args);
    assert.equal(await second.ended, 1);
    assert.match(second.output(), /already runs at http:\/\/127\.0\.0\.1:\d+\. \(already_running\)/);
    assert.match(second.output(), /Ctrl-C/);
  });

  await test.step("a browser connects it to the double, which forgets that when it ends", async () => {
    const { secretKey } = JSON.parse(await Deno.readTextFile(`${folder.path}/keys.json`));
    const response = await fetch(`${places.api}/functions/v1/connect-gazelle`, {
      method: "POST",
      headers: { apikey: secretKey },
    });
    const page = await fetch((await response.json()).url);
    assert.match(await page.text(), /^Gazelle is connected\./);
  });

  await test.step("Ctrl-C stops it, and nothing is left behind", async () => {
    await sql.end();
    run.signal("SIGINT");
    assert.equal(await run.ended, 0, run.output());
    for (const url of [places.api, places.psql]) assert.equal(await answers(url), false, url);
  });

  await test.step("when a process of it dies, it ends and says so", async () => {
    const again = etiquette(args);
    await again.shows("Ctrl-C stops it");
    const [guard] = (await Deno.readTextFile(`${folder.path}/postgres/postmaster.pid`)).split("\n");
    process.kill(Number(guard), "SIGQUIT");
    assert.equal(await again.ended, 1, again.output());
    assert.match(
      again.output(),
      /✖ Postgres ended by itself .*\(child_ended\)\n {2}Its log is in .*\n {2}npm start/,
    );
  });

  await test.step("the next start goes on with the data, and finds nothing to write", async () => {
    const again = etiquette([...args, "--once"]);
    assert.equal(await again.ended, 0, again.output());
    assert.match(again.output(), /clients +│ complete │ +0 │ +0 │ +[1-9]/);
  });

  await test.step("--fresh starts over; with --json the value alone is printed, without a secret", async () => {
    const fresh = etiquette([...args, "--once", "--fresh", "--json"]);
    assert.equal(await fresh.ended, 0, fresh.output());
    const { reports, institutions } = JSON.parse(fresh.printed());
    const { status, counters } = reports.find(({ stream }: { stream: string }) => stream === "clients");
    assert.deepEqual([status, counters.inserted, counters.updated], ["complete", 269, 0]);
    assert.equal(institutions.length, 5);
    assert.ok(!/sb_secret_|postgres:\/\//.test(fresh.output()));
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
