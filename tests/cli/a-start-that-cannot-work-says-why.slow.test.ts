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
