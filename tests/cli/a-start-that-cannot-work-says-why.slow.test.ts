import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dataFolder, etiquette } from "./etiquette.ts";

Deno.test("wrong settings in .env are reported all at once, and no secret is printed", async () => {
  await using folder = await dataFolder();
  await writeFile(
    `${folder.path}/.env`,
    "GAZELLE_CLIENT_SECRET=do-not-print-me\nGAZELLE_PAGE_SIZE=many\nGAZELLE_GRAPHQL_URL=gazelleapp.io\n",
  );
  const run = etiquette(["start", "--once", "--data", `${folder.path}/data`], {}, folder.path);
  assert.equal(await run.ended, 1);
  for (const name of ["CLIENT_ID", "PAGE_SIZE", "GRAPHQL_URL"]) {
    assert.match(run.output(), new RegExp(`GAZELLE_${name} `));
  }
  assert.ok(!run.output().includes("do-not-print-me"));
});

Deno.test("another shop over the data of the first is refused, said once, with what to do", async () => {
  await using folder = await dataFolder();
  const start = (...more: string[]) => etiquette(["start", "--once", "--data", folder.path, ...more]);
  const first = start("--scale", "0.2");
  assert.equal(await first.ended, 0, first.output());
  const other = start("--scale", "0.3");
  assert.equal(await other.ended, 1);
  const [, ...said] = other.output().split("✖ this database was filled from ");
  assert.equal(said.length, 1, other.output());
  assert.match(
    said[0]!,
    /^.*size 0\.2 .* now answers as .*size 0\.3 .*\(account_changed\)\n {2}.* is the shop of the demo/,
  );
  assert.match(said[0]!, /npm start -- --fresh/);
  assert.doesNotMatch(other.output(), /Ready after/);
  const fresh = start("--scale", "0.3", "--fresh");
  assert.equal(await fresh.ended, 0, fresh.output());
});

Deno.test("an endpoint that cannot be reached: a failed run on record, and what to do", async () => {
  await using folder = await dataFolder();
  const run = etiquette(["start", "--once", "--data", folder.path], {
    GAZELLE_API_KEY: "a-key-that-is-not-printed",
    GAZELLE_GRAPHQL_URL: "http://127.0.0.1:1/graphql/private/",
    GAZELLE_RETRIES: "0",
  });
  assert.equal(await run.ended, 1);
  assert.match(run.output(), /clients +│ failed +│/);
  assert.match(run.output(), /pianos +│ failed +│/);
  assert.match(run.output(), /\[FAILED: Sync pianos from Gazelle: failed\]/);
  assert.doesNotMatch(run.output(), /✔ Sync/);
  assert.match(run.output(), /gazelle_unreachable/);
  assert.ok(!run.output().includes("a-key-that-is-not-printed"));
});

Deno.test("a busy port is named, with the option that chooses another", async () => {
  await using folder = await dataFolder();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const run = etiquette(["start", "--once", "--data", folder.path, "--port", String(port)]);
  assert.equal(await run.ended, 1);
  assert.match(run.output(), new RegExp(`Port ${port} for the API is taken`));
  assert.match(run.output(), /--port/);
  server.close();
});

Deno.test("a port that is none is refused before anything starts", async () => {
  const run = etiquette(["start", "--port", "many"]);
  assert.equal(await run.ended, 2);
  assert.match(run.output(), /whole number from 0 to 65535/);
});
