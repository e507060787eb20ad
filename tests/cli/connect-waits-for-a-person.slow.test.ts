import assert from "node:assert/strict";
import type { Connection } from "../../cli/commands/connect.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { begin as beginElsewhere, consent, open, unconnected } from "../fixtures/connecting.ts";
import { begin, readLines, verb, type Way } from "./verbs.ts";

Deno.test("etiquette connect", async (test) => {
  await using platform = await unconnected();

  await test.step("--status says that there is none, by URL and key as by SQL: exit code 1", async () => {
    for (const way of ["URL and key", "SQL"] as Way[]) {
      const { code, printed } = await verb(platform, way, "connect", "--status");
      assert.equal(code, 1);
      assert.match(printed, /^Gazelle is not connected: set GAZELLE_API_KEY, or etiquette connect\.\n$/);
    }
  });

  await test.step("shows an address, and ends once a person opened it", async () => {
    const { run, url } = await waiting(platform);
    assert.equal((await open(await consent(url))).status, 200);
    assert.equal(await run.ended, 0, run.output());
    assert.match(
      run.printed(),
      /^Gazelle is connected by a connection, since .* UTC\.\nThe token is of .*\nIt ends /,
    );
    assert.doesNotMatch(run.printed(), /http/, "what is printed is the outcome alone");
  });

  await test.step("says what went wrong at Gazelle: exit code 1, and --json as one object", async () => {
    platform.double.order({ kind: "access_denied" });
    const { run, url } = await waiting(platform, "--json");
    await open(await consent(url));
    assert.equal(await run.ended, 1);
    assert.match(run.output(), /\{"error":\{"code":"consent_denied","message":"Gazelle sent no code/);
  });

  await test.step("that somebody else began one, and that nobody came", async () => {
    const overtaken = await waiting(platform);
    await beginElsewhere(platform);
    assert.equal(await overtaken.run.ended, 1);
    assert.match(overtaken.run.output(), /\(connection_overtaken\)/);
    const late = await waiting(platform);
    await platform.sql`update gazelle.authorizations set expires_at = clock_timestamp()`;
    assert.equal(await late.run.ended, 1);
    assert.match(late.run.output(), /within ten minutes\. \(state_expired\)/);
  });

  await test.step("Ctrl-C ends the wait, and the address stays good", async () => {
    const { run, url } = await waiting(platform);
    run.signal("SIGINT");
    assert.equal(await run.ended, 130);
    assert.equal((await open(await consent(url))).status, 200);
    const [found] = readLines<Connection>(await verb(platform, "SQL", "connect", "--status", "--json"));
    assert.deepEqual([found?.way, found?.is_connected, found?.attempt?.outcome], [
      "oauth",
      true,
      "connected",
    ]);
  });

  await test.step("tells of a renewal that failed", async () => {
    await platform
      .sql`update gazelle.token set failed_at = now(), error = '{"message": "Gazelle answered 503"}'`;
    const { printed } = await verb(platform, "SQL", "connect", "--status");
    assert.match(printed, /The last renewal failed, .* UTC: Gazelle answered 503$/m);
  });
});

Deno.test("etiquette connect with an API key in the settings: there is nothing to connect", async () => {
  await using platform = await unconnected({ GAZELLE_API_KEY: "a-key-of-the-shop" });
  const { code, output } = await verb(platform, "URL and key", "connect");
  assert.equal(code, 1);
  assert.match(output, /GAZELLE_API_KEY is set, which goes before a connection \(settings_invalid\)/);
});

async function waiting(platform: TestPlatform, ...words: string[]) {
  const run = begin(platform, "URL and key", ["connect", ...words]);
  const shown = await run.shows("code_challenge_method=S256");
  return { run, url: { url: /^ {2}(http\S+)$/m.exec(shown)?.[1] ?? "" } };
}
