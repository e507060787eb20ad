import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import type { GazelleDouble } from "../../gazelle-double/server.ts";
import { double, post } from "./client.ts";

const QUERY = "{ company { name } }";

Deno.test("a query needs a token or a key, with and without the trailing slash", async () => {
  await using gazelle = await double();
  const statusWith = async (headers: Record<string, string>, url = gazelle.url) => {
    const answer = await post({ ...gazelle, url }, QUERY, {}, headers);
    await answer.body?.cancel();
    return answer.status;
  };
  strictEqual(await statusWith({}), 401);
  strictEqual(await statusWith({ authorization: "Bearer wrong" }), 401);
  strictEqual(await statusWith({ authorization: gazelle.accessToken }), 401);
  strictEqual(
    await statusWith({ "x-gazelle-api-key": "wrong", authorization: `Bearer ${gazelle.accessToken}` }),
    401,
  );
  strictEqual(await statusWith({ authorization: `Bearer ${gazelle.accessToken}` }), 200);
  strictEqual(await statusWith({ "x-gazelle-api-key": gazelle.apiKey }, gazelle.url.slice(0, -1)), 200);
});

Deno.test("a refresh token gives a new access token and a new refresh token, which both work", async () => {
  await using gazelle = await double();
  const first = await grant(gazelle, { grant_type: "refresh_token", refresh_token: gazelle.refreshToken });
  strictEqual(first.status, 200);
  deepStrictEqual([first.body.token_type, first.body.expires_in], ["Bearer", 2_592_000]);
  strictEqual((await post({ ...gazelle, accessToken: String(first.body.access_token) }, QUERY)).status, 200);
  const second = await grant(gazelle, {
    grant_type: "refresh_token",
    refresh_token: String(first.body.refresh_token),
  });
  strictEqual(second.status, 200);
});

Deno.test("an access token ends after thirty days", async () => {
  let now = Date.UTC(2026, 0, 19);
  await using gazelle = await double({ now: () => now });
  strictEqual((await post(gazelle, QUERY)).status, 200);
  now += 30 * 86_400_000;
  strictEqual((await post(gazelle, QUERY)).status, 401);
});

Deno.test("a code is given once, with state, and PKCE is checked", async () => {
  await using gazelle = await double();
  const verifier = "a-verifier-of-at-least-forty-three-characters-in-all";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const exchange = (code: string, extra: Record<string, string>) =>
    grant(gazelle, { grant_type: "authorization_code", code, redirect_uri: REDIRECT, ...extra });

  const wrong = await consent(gazelle, { code_challenge: challenge, code_challenge_method: "S256" });
  strictEqual((await exchange(wrong, { code_verifier: "another" })).body.error, "invalid_grant");
  strictEqual(
    (await exchange(wrong, { code_verifier: verifier })).body.error,
    "invalid_grant",
    "spent by the failure",
  );

  const right = await consent(gazelle, { code_challenge: challenge, code_challenge_method: "S256" });
  const tokens = await exchange(right, { code_verifier: verifier });
  strictEqual(tokens.status, 200);
  ok(tokens.body.access_token && tokens.body.refresh_token);
  strictEqual((await exchange(right, { code_verifier: verifier })).body.error, "invalid_grant");
});

Deno.test("a code ends after ten minutes and belongs to its redirect_uri", async () => {
  let now = Date.UTC(2026, 0, 19);
  await using gazelle = await double({ now: () => now });
  const elsewhere = await consent(gazelle, {});
  const code = { grant_type: "authorization_code", redirect_uri: "http://elsewhere.example/" };
  strictEqual((await grant(gazelle, { ...code, code: elsewhere })).body.error, "invalid_grant");
  const late = await consent(gazelle, {});
  now += 600_000;
  strictEqual(
    (await grant(gazelle, { ...code, redirect_uri: REDIRECT, code: late })).body.error,
    "invalid_grant",
  );
});

Deno.test("what the token endpoint refuses, it refuses with the proper OAuth error", async () => {
  await using gazelle = await double();
  const { clientId, clientSecret, refreshToken } = gazelle;
  const refresh = { grant_type: "refresh_token", refresh_token: refreshToken };
  const refused = async (form: Record<string, string>) => {
    const { status, body } = await grant(gazelle, form);
    return [status, body.error];
  };
  deepStrictEqual(await refused({ grant_type: "client_credentials" }), [400, "unsupported_grant_type"]);
  deepStrictEqual(await refused({}), [400, "invalid_request"]);
  deepStrictEqual(await refused({ ...refresh, refresh_token: "unknown" }), [400, "invalid_grant"]);
  deepStrictEqual(await refused({ ...refresh, client_id: "wrong" }), [401, "invalid_client"]);
  deepStrictEqual(await refused({ ...refresh, client_secret: "wrong" }), [401, "invalid_client"]);
  deepStrictEqual(await refused({ grant_type: "authorization_code", code: "x" }), [400, "invalid_grant"]);
  const basic = `Basic ${btoa(`${clientId}:${clientSecret}`)}`;
  const answer = await fetch(gazelle.tokenUrl, {
    method: "POST",
    headers: { authorization: basic },
    body: new URLSearchParams(refresh),
  });
  strictEqual(answer.status, 200);
  await answer.body?.cancel();
});

Deno.test("consent is refused to a strange client, without a redirect, or with another challenge method", async () => {
  await using gazelle = await double();
  const good = { client_id: gazelle.clientId, redirect_uri: REDIRECT, response_type: "code" };
  const cases: [Record<string, string>, number, string][] = [
    [{ ...good, client_id: "wrong" }, 401, "invalid_client"],
    [{ ...good, redirect_uri: "nowhere" }, 400, "invalid_redirect_uri"],
    [{ ...good, redirect_uri: "https://127.0.0.1.elsewhere.example/" }, 400, "invalid_redirect_uri"],
    [{ ...good, response_type: "token" }, 400, "unsupported_response_type"],
    [{ ...good, code_challenge: "x", code_challenge_method: "plain" }, 400, "invalid_request"],
  ];
  for (const [query, status, error] of cases) {
    const answer = await fetch(`${gazelle.authorizeUrl}?${new URLSearchParams(query)}`, {
      redirect: "manual",
    });
    deepStrictEqual([answer.status, (await answer.json()).error], [status, error]);
  }
});

Deno.test("consent that is ordered to be refused comes back as an error, with state and without a code", async () => {
  await using gazelle = await double();
  gazelle.order({ kind: "access_denied" });
  const query = { client_id: gazelle.clientId, redirect_uri: REDIRECT, response_type: "code", state: "s-1" };
  const answer = await fetch(`${gazelle.authorizeUrl}?${new URLSearchParams(query)}`, { redirect: "manual" });
  await answer.body?.cancel();
  const { searchParams } = new URL(answer.headers.get("location") ?? "");
  deepStrictEqual([searchParams.get("error"), searchParams.get("state"), searchParams.has("code")], [
    "access_denied",
    "s-1",
    false,
  ]);
  strictEqual((await consent(gazelle, {})).length, 32, "the next one is given");
});

const REDIRECT = "http://127.0.0.1:7199/back?kept=yes";

async function consent(gazelle: GazelleDouble, extra: Record<string, string>): Promise<string> {
  const query = {
    client_id: gazelle.clientId,
    redirect_uri: REDIRECT,
    response_type: "code",
    state: "s-1",
    ...extra,
  };
  const answer = await fetch(`${gazelle.authorizeUrl}?${new URLSearchParams(query)}`, { redirect: "manual" });
  await answer.body?.cancel();
  strictEqual(answer.status, 302);
  const { searchParams } = new URL(answer.headers.get("location") ?? "");
  deepStrictEqual([searchParams.get("state"), searchParams.get("kept")], ["s-1", "yes"]);
  return searchParams.get("code") ?? "";
}

async function grant(
  { tokenUrl, clientId, clientSecret }: GazelleDouble,
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
  const answer = await fetch(tokenUrl, { method: "POST", body });
  return { status: answer.status, body: await answer.json() };
}
