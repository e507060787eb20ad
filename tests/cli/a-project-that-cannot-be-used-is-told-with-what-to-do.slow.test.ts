import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { startGazelleDouble } from "../../gazelle-double/server.ts";
import { testDatabase } from "../fixtures/database.ts";
import { localPlatform } from "../fixtures/local.ts";
import { dataFolder, etiquette } from "./etiquette.ts";

const nothing = "/nowhere/etiquette";

async function says(words: string[], environment: Record<string, string>, pattern: RegExp): Promise<void> {
  const run = etiquette(words, { ETIQUETTE_DATA: nothing, ...environment });
  assert.equal(await run.ended, 1, run.output());
  assert.match(run.output(), pattern);
  const [, code] = /\((\w+)\)/.exec(pattern.source.replaceAll("\\", "")) ?? [];
  const asJson = etiquette([...words, "--json"], { ETIQUETTE_DATA: nothing, ...environment });
  assert.equal(await asJson.ended, 1);
  assert.equal(JSON.parse(asJson.output()).error.code, code, "one object with --json");
}

Deno.test("a project by URL and key: what is wrong, and what to do", async (test) => {
  await using platform = await localPlatform();
  await using folder = await dataFolder();
  const double = await startGazelleDouble({ port: 0, scale: 0.2 });
  const { url, secretKey } = platform;
  const cases: [name: string, words: string[], environment: Record<string, string>, pattern: RegExp][] = [
    ["no key", ["runs"], {}, /\(no_secret_key\).*export ETIQUETTE_SECRET_KEY=sb_secret_/s],
    ["a publishable key", ["runs"], { ETIQUETTE_SECRET_KEY: platform.publishableKey }, /\(key_not_secret\)/],
    [
      "another project's key",
      ["runs"],
      { ETIQUETTE_SECRET_KEY: "sb_secret_other" },
      /\(key_refused\).*API keys/s,
    ],
    [
      "the same, at a function",
      ["invoke", "sync-users"],
      { ETIQUETTE_SECRET_KEY: "sb_secret_other" },
      /\(key_refused\)/,
    ],
    [
      "a function there is not",
      ["invoke", "nobody"],
      { ETIQUETTE_SECRET_KEY: secretKey },
      /\(no_function\).*deploy nobody/s,
    ],
    ["what is no project", ["runs"], {
      ETIQUETTE_URL: new URL(double.url).origin,
      ETIQUETTE_SECRET_KEY: secretKey,
    }, /\(no_project\)/],
    [
      "nobody there",
      ["runs"],
      { ETIQUETTE_URL: "http://127.0.0.1:9", ETIQUETTE_SECRET_KEY: secretKey },
      /\(project_unreachable\).*Check the URL/s,
    ],
    [
      "a person's verb",
      ["restore", "--mark", "1"],
      { ETIQUETTE_SECRET_KEY: secretKey },
      /\(needs_person\).*ETIQUETTE_DATABASE_URL/s,
    ],
    [
      "the same",
      ["import", `${folder.path}/x.json`],
      { ETIQUETTE_SECRET_KEY: secretKey },
      /\(needs_person\)/,
    ],
  ];
  for (const [name, words, environment, pattern] of cases) {
    await test.step(name, () => says(words, { ETIQUETTE_URL: url, ...environment }, pattern));
  }
  await test.step("no key is ever printed", async () => {
    const run = etiquette(["runs"], {
      ETIQUETTE_URL: url,
      ETIQUETTE_SECRET_KEY: "sb_secret_do-not-print-me",
    });
    await run.ended;
    assert.match(run.output(), /key_refused/);
    assert.ok(!run.output().includes("do-not-print-me"));
  });
  await test.step("a key would go in the clear: refused as wrong usage", async () => {
    const run = etiquette(["runs", "--url", "http://project.example"]);
    assert.equal(await run.ended, 2);
    assert.match(run.output(), /It must be https:/);
  });
  await test.step("a named database counts more than the environment's URL", async () => {
    const run = etiquette(["runs", "--database", platform.databaseUrl], {
      ETIQUETTE_URL: "http://127.0.0.1:9",
    });
    assert.equal(await run.ended, 0, run.output());
    const other = etiquette(["runs", "--url", "http://127.0.0.1:9"], {
      ETIQUETTE_DATABASE_URL: platform.databaseUrl,
      ETIQUETTE_SECRET_KEY: secretKey,
    });
    assert.equal(await other.ended, 1);
    assert.match(other.output(), /project_unreachable/);
  });
  await double.stop();
});

Deno.test("a server that points elsewhere: the key does not go there", async () => {
  const asked: string[] = [];
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(request.headers.get("apikey") ?? "");
    return Response.json([]);
  });
  const pointing = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    return Response.redirect(`http://127.0.0.1:${other.addr.port}${new URL(url).pathname}`, 307);
  });
  const environment = {
    ETIQUETTE_URL: `http://127.0.0.1:${pointing.addr.port}`,
    ETIQUETTE_SECRET_KEY: "sb_secret_x",
  };
  await says(["runs"], environment, /answers 307 .*\(no_project\)/);
  assert.deepEqual(asked, []);
  await Promise.all([other.shutdown(), pointing.shutdown()]);
});

Deno.test("a server that never answers: the doctor gives it up", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const place = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const run = etiquette(["doctor", "--json"], {
    ETIQUETTE_URL: `http://${place}`,
    ETIQUETTE_SECRET_KEY: "sb_secret_x",
    ETIQUETTE_DATABASE_URL: `postgres://postgres@${place}/postgres`,
  });
  assert.equal(await run.ended, 1);
  const checks = run.printed().trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(checks.map(({ name, state }) => [name, state]), [["project", "wrong"], [
    "database",
    "wrong",
  ]]);
  silent.close();
});

Deno.test("a database: none, unreachable, without our migrations, or alone where a function is called", async () => {
  await using empty = await testDatabase("template0");
  const closed = "postgres://postgres:do-not-print-me@127.0.0.1:9/postgres";
  await says(["runs"], {}, /No local platform runs on .*\(no_platform\).*npm start/s);
  await says(["sync"], {}, /\(no_platform\)/);
  await says(
    ["runs"],
    { ETIQUETTE_DATABASE_URL: closed },
    /127\.0\.0\.1:9 does not answer\. \(no_database\)/,
  );
  await says(["runs"], { ETIQUETTE_DATABASE_URL: "nonsense" }, /\(no_database\)/);
  const nobody = empty.url.replace(/\/\/[^@]*@/, "//nobody-known:wrong@");
  await says(
    ["runs"],
    { ETIQUETTE_DATABASE_URL: nobody },
    /refuses the connection\. \(no_database\).*Check user/s,
  );
  await says(["sync"], { ETIQUETTE_DATABASE_URL: closed }, /\(no_url\).*--url https/s);
  await says(
    ["runs"],
    { ETIQUETTE_DATABASE_URL: empty.url },
    /migrations .* not all applied.*\(not_installed\).*etiquette doctor/s,
  );
  const ofTheEngine = [
    ["explain", "pg_class", "1"],
    ["protect", "pg_class", "relname"],
    ["restore", "--mark", "1"],
    ["verify"],
    ["health"],
  ];
  for (const words of ofTheEngine) {
    await says(
      words,
      { ETIQUETTE_DATABASE_URL: empty.url },
      /has no ownership engine\. \(not_installed\).*etiquette install --database.*db push --remote/s,
    );
  }
  const run = etiquette(["runs"], { ETIQUETTE_DATABASE_URL: closed });
  await run.ended;
  assert.ok(!run.output().includes("do-not-print-me"));
});
