import assert from "node:assert/strict";
import { begin, connect, consent, open, status, tokensInVault, unconnected } from "../fixtures/connecting.ts";
import { sync } from "../fixtures/syncing.ts";

Deno.test("connecting to Gazelle", async (test) => {
  await using platform = await unconnected();

  await test.step("before it a sync says what to do, and the status that there is nothing", async () => {
    const { status: http, body } = await sync(platform, "clients");
    assert.deepEqual([http, body.error?.code], [500, "gazelle_not_connected"]);
    assert.match(body.error?.hint ?? "", /GAZELLE_API_KEY.*etiquette connect/);
    const [alert] = await platform.sql`select kind from sync.alerts where resolved_at is null`;
    assert.equal(alert?.kind, "token_refused");
    assert.deepEqual(await status(platform), { way: "oauth", is_connected: false, attempt: null });
  });

  await test.step("begins with an address at Gazelle, for this application, with state and PKCE", async () => {
    const begun = await begin(platform);
    const { origin, pathname, searchParams } = new URL(begun.url);
    assert.equal(origin + pathname, platform.double.authorizeUrl);
    const { state, code_challenge, ...others } = Object.fromEntries(searchParams);
    assert.match(`${state} ${code_challenge}`, /^[\w-]{43} [\w-]{43}$/);
    assert.deepEqual(others, {
      response_type: "code",
      client_id: platform.double.clientId,
      redirect_uri: `${platform.url}/functions/v1/connect-gazelle`,
      code_challenge_method: "S256",
    });
    const [kept] = await platform.sql`select to_jsonb(a)::text as text from gazelle.authorizations a`;
    assert.ok(kept?.text.includes("key default") && !kept?.text.includes(state!));
    assert.equal((await status(platform)).attempt.outcome, "waiting");
  });

  await test.step("ends with the tokens in Vault and a page that says so", async () => {
    const { status: http, text, headers } = await connect(platform);
    assert.deepEqual([http, text], [200, "Gazelle is connected.\nYou may close this page.\n"]);
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    const { attempt, ...found } = await status(platform);
    assert.equal(attempt.outcome, "connected");
    assert.deepEqual([found.way, found.is_connected, found.source, found.is_renewable, found.error], [
      "oauth",
      true,
      "connect",
      true,
      null,
    ]);
    assert.ok(Date.parse(found.expires_at) > Date.parse(found.connected_at) + 29 * 86_400_000);
    assert.deepEqual(Object.keys(await tokensInVault(platform)).sort(), [
      "gazelle_access_token",
      "gazelle_refresh_token",
    ]);
  });

  await test.step("then syncs go on, and the alert is over", async () => {
    assert.equal((await sync(platform, "clients")).body.status, "complete");
    assert.equal((await platform.sql`select from sync.alerts where resolved_at is null`).length, 0);
  });

  await test.step("again displaces what was there, with the refresh token of another user", async () => {
    const before = await tokensInVault(platform);
    platform.double.order({ kind: "no_refresh_token" });
    assert.equal((await connect(platform)).status, 200);
    const now = await tokensInVault(platform);
    assert.notEqual(now.gazelle_access_token, before.gazelle_access_token);
    assert.equal(now.gazelle_refresh_token, "");
    assert.equal((await status(platform)).is_renewable, false);
    assert.equal((await sync(platform, "pianos")).body.status, "complete");
  });

  await test.step("leads nowhere else, whatever the address asks for", async () => {
    const back = await consent(await begin(platform));
    for (const name of ["next", "redirect", "redirect_uri", "return_to"]) {
      back.searchParams.set(name, "https://elsewhere.example/");
    }
    const { status: http, text, headers } = await open(back);
    assert.deepEqual([http, headers.get("location")], [200, null]);
    assert.doesNotMatch(text, /elsewhere/);
  });
});

Deno.test("a connection displaces the refresh token of the settings, until there is another one", async () => {
  await using platform = await unconnected({ GAZELLE_REFRESH_TOKEN: "never-good-at-all" });
  assert.equal((await connect(platform)).status, 200);
  assert.equal((await sync(platform, "clients")).body.status, "complete");
  const claim = (configured: string) => platform.sql`select sync_claim_token(${configured}) as claim`;
  assert.ok((await claim("never-good-at-all"))[0]?.claim.access_token);
  assert.equal((await claim("another-one"))[0]?.claim.refresh_token, "another-one");
  assert.equal((await status(platform)).source, "settings");
});

Deno.test("without PKCE, where Gazelle refuses it; and with an API key there is nothing to connect", async () => {
  await using platform = await unconnected({ GAZELLE_PKCE: "off" });
  const begun = await begin(platform);
  assert.doesNotMatch(begun.url, /code_challenge/);
  assert.equal((await open(await consent(begun))).status, 200);

  await using keyed = await unconnected({
    GAZELLE_API_KEY: platform.double.apiKey,
    GAZELLE_GRAPHQL_URL: platform.double.url,
  });
  await assert.rejects(begin(keyed), /500.*settings_invalid.*GAZELLE_API_KEY is set/);
  assert.equal((await sync(keyed, "clients")).body.status, "complete");
  assert.deepEqual(await status(keyed), { way: "api_key", is_connected: true, attempt: null });
});
