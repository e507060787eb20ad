import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { FaultOrder } from "../../gazelle-double/orders.ts";
import { begin, connect, consent, open, status, tokensInVault, unconnected } from "../fixtures/connecting.ts";
import { clearFaults } from "../fixtures/syncing.ts";

Deno.test("a connection that fails", async (test) => {
  await using platform = await unconnected();
  const { sql, double } = platform;
  const address = `${platform.url}/functions/v1/connect-gazelle`;
  const nothingStored = async () => assert.deepEqual(await tokensInVault(platform), {});

  await test.step("because nobody began it: 400", async () => {
    for (
      const query of ["", "?state=&code=x", `?state=${"a".repeat(43)}&code=x`, "?state=' or true--&code=x"]
    ) {
      const { status, text } = await open(address + query);
      assert.equal(status, 400);
      assert.match(
        text,
        /^Gazelle is not connected\..*\(state_unknown\)\nBegin again with etiquette connect/s,
      );
    }
    await nothingStored();
  });

  await test.step("because the state is too old: 410", async () => {
    const back = await consent(await begin(platform));
    await sql`update gazelle.authorizations set expires_at = clock_timestamp()`;
    const { status: http, text } = await open(back);
    assert.equal(http, 410);
    assert.match(text, /more than ten minutes old \(state_expired\)\nBegin again/);
    assert.equal((await status(platform)).attempt.outcome, "expired");
    await nothingStored();
  });

  await test.step("because the person did not agree: 403, with what Gazelle said, and on record", async () => {
    double.order({ kind: "access_denied" });
    const back = await consent(await begin(platform));
    const { status: http, text } = await open(back);
    assert.equal(http, 403);
    assert.match(
      text,
      /\(consent_denied\)\naccess_denied: The resource owner denied the request\.\nBegin again, sign in/,
    );
    const { attempt } = await status(platform);
    assert.deepEqual([attempt.outcome, attempt.error.code], ["failed", "consent_denied"]);
    await nothingStored();
  });

  await test.step("because Gazelle refuses the code: 502, and the state is used up", async () => {
    const back = await consent(await begin(platform));
    const forged = new URL(back);
    forged.searchParams.set("code", "forged");
    const { status: http, text } = await open(forged);
    assert.equal(http, 502);
    assert.match(
      text,
      /gave no token for the code \(HTTP 400\) \(gazelle_code_refused\)\ninvalid_grant: The authorization code/,
    );
    assert.match((await open(back)).text, /used before; it counts once \(state_used\)/);
    await nothingStored();
  });

  const faults: [string, FaultOrder, RegExp][] = [
    [
      "is down",
      { kind: "server_error", status: 503, field: "token" },
      /token endpoint answered 503 \(gazelle_unavailable\)/,
    ],
    [
      "does not answer",
      { kind: "timeout", field: "token" },
      /no answer from .* in 1000 ms \(gazelle_timeout\)/,
    ],
    [
      "answers nonsense",
      { kind: "malformed_json", field: "token" },
      /answered without a token \(gazelle_malformed\)/,
    ],
    ["breaks off", { kind: "cut", field: "token" }, /could not reach .* \(gazelle_unreachable\)/],
  ];
  for (const [what, fault, said] of faults) {
    await test.step(`because the token endpoint ${what}: 502`, async () => {
      double.order(fault);
      const { status: http, text } = await connect(platform);
      assert.equal(http, 502);
      assert.match(text, said);
      assert.equal((await status(platform)).attempt.outcome, "failed");
      await clearFaults(platform);
      await nothingStored();
    });
  }

  await test.step("leaves neither code nor state in the log", async () => {
    const { url } = await begin(platform);
    const back = await consent({ url });
    back.searchParams.delete("code");
    await open(back);
    const log = await readFile(`${platform.folder}/log/functions.log`, "utf8");
    assert.match(log, /"function":"connect-gazelle","code":"consent_denied"/);
    assert.ok(!log.includes(back.searchParams.get("state")!));
  });

  await test.step("is followed by one that does not", async () => {
    assert.equal((await connect(platform)).status, 200);
  });
});

Deno.test("a verifier that Gazelle does not find right: no token", async () => {
  await using platform = await unconnected();
  const begun = await begin(platform);
  await platform.sql`update gazelle.authorizations set verifier = ${"b".repeat(43)}`;
  const { status: http, text } = await open(await consent(begun));
  assert.equal(http, 502);
  assert.match(text, /code_verifier does not fit the code_challenge/);
});

Deno.test("a redirect URL that the application does not have at Gazelle never gets so far", async () => {
  await using platform = await unconnected({ GAZELLE_REDIRECT_URL: "https://elsewhere.example/back" });
  const { url } = await begin(platform);
  const { status: http, text } = await open(url);
  assert.equal(http, 400);
  assert.match(text, /invalid_redirect_uri/);
});

Deno.test("who may begin one: POST with a secret key, and no options", async () => {
  await using platform = await unconnected();
  const call = async (request: RequestInit) => {
    const response = await fetch(`${platform.url}/functions/v1/connect-gazelle`, request);
    return [response.status, (await response.json()).error?.code];
  };
  const headers = { apikey: platform.secretKey };
  assert.deepEqual(await call({ method: "POST", headers, body: '{"redirect": "x"}' }), [
    400,
    "request_invalid",
  ]);
  assert.deepEqual(await call({ method: "PUT", headers }), [405, "request_invalid"]);
  assert.equal((await call({ method: "POST" }))[0], 401);
  assert.equal((await call({ method: "POST", headers: { apikey: platform.publishableKey } }))[0], 401);
  assert.equal((await platform.sql`select from gazelle.authorizations`).length, 0);
});
