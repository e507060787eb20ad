import assert from "node:assert/strict";
import type { Tokens } from "../../supabase/functions/_shared/gazelle/auth/credentials.ts";
import { asProblem } from "../../supabase/functions/_shared/problem.ts";
import { connectGazelle } from "../../supabase/functions/_shared/gazelle/client.ts";
import { vaultStore } from "../../supabase/functions/_shared/gazelle/auth/token-store.ts";
import { readSettings } from "../../supabase/functions/_shared/gazelle/settings.ts";

const good = () => Response.json({ data: { ok: true } });
const failing = (status: number, headers = {}) => () => new Response(null, { status, headers });
const granting = (grant: Record<string, string>) => () => Response.json(grant);

Deno.test("the waits double, with full jitter", async () => {
  const { ask, waits } = gazelle([failing(500), failing(503), failing(502), good], { random: () => 0.5 });
  assert.deepEqual((await ask("{ ok }", {})).data, { ok: true });
  assert.deepEqual(waits, [250, 500, 1000]);
});

Deno.test("Retry-After is honoured, in seconds and as a date", async () => {
  const date = new Date(1_000_000 + 9000).toUTCString();
  const { ask, waits } = gazelle([
    failing(429, { "retry-after": "7" }),
    failing(429, { "retry-after": date }),
    good,
  ]);
  await ask("{ ok }", {});
  assert.deepEqual(waits, [7000, 9000 - 7000]);
});

Deno.test("a wait beyond the deadline is not begun", async () => {
  const { ask, waits } = gazelle([failing(429, { "retry-after": "600" })]);
  const problem = await failure(ask("{ ok }", {}));
  assert.equal(problem.code, "gazelle_rate_limited");
  assert.match(problem.hint ?? "", /in 600 s or later/);
  assert.deepEqual(waits, []);
});

Deno.test("a wait that nobody can mean is a quarter of an hour, and one that is none is none", async () => {
  for (
    const asked of ["3600", "1784000000", "1784000000000", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]
  ) {
    const { ask } = gazelle([failing(429, { "retry-after": asked })]);
    assert.equal((await failure(ask("{ ok }", {}))).retrySeconds, 900, asked);
  }
  for (const asked of ["soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"]) {
    const { ask, waits } = gazelle([failing(429, { "retry-after": asked }), good]);
    await ask("{ ok }", {});
    assert.deepEqual(waits, [0], asked);
  }
});

Deno.test("an error that left no data is tried again, and told in the end; a refused query is not", async () => {
  const broken = () => Response.json({ data: null, errors: [{ message: "Something went wrong" }] });
  const { ask, waits } = gazelle([broken, good]);
  assert.deepEqual((await ask("{ ok }", {})).data, { ok: true });
  assert.equal(waits.length, 1);
  const tired = await failure(gazelle(Array(5).fill(broken)).ask("{ ok }", {}));
  assert.deepEqual([tired.code, tired.details], ["gazelle_unavailable", "Something went wrong"]);
  const refused = gazelle([() => Response.json({ errors: [{ message: "no such field" }] })]);
  assert.deepEqual((await refused.ask("{ no }", {})).errors, [{ message: "no such field", path: null }]);
});

Deno.test("a token endpoint that cannot answer now is asked again; what it refuses is not", async () => {
  for (const status of [429, 500, 503]) {
    const later = failing(status, { "retry-after": "1" });
    const { ask, waits, seen } = gazelle([later, later, granting({ access_token: "fresh" }), good], {
      tokens: {},
    });
    assert.deepEqual((await ask("{ ok }", {})).data, { ok: true });
    assert.deepEqual([waits.length, seen.at(-1)?.authorization], [2, "Bearer fresh"]);
    assert.ok(status !== 429 || waits.every((wait) => wait === 1000), `${waits}`);
  }
  const refused = gazelle([failing(400)], { tokens: {} });
  assert.equal((await failure(refused.ask("{ ok }", {}))).code, "gazelle_unauthorized");
  assert.deepEqual(refused.waits, []);
});

Deno.test("after the last try the problem is told; a refusal is not tried again", async () => {
  const tired = gazelle(Array(5).fill(failing(500)));
  assert.equal((await failure(tired.ask("{ ok }", {}))).code, "gazelle_unavailable");
  assert.equal(tired.waits.length, 4);

  const refused = gazelle([failing(403)]);
  assert.equal((await failure(refused.ask("{ ok }", {}))).code, "gazelle_refused");
  assert.deepEqual(refused.waits, []);
});

Deno.test("401: the token is renewed once, and no new refresh token means keeping the old one", async () => {
  const tokens: Tokens = { access: "stale", refresh: "old-refresh" };
  const { ask, seen } = gazelle([failing(401), granting({ access_token: "fresh" }), good], { tokens });
  await ask("{ ok }", {});
  assert.deepEqual(seen.map(({ authorization }) => authorization), ["Bearer stale", null, "Bearer fresh"]);
  assert.match(seen[1]?.body ?? "", /refresh_token=old-refresh/);
  assert.deepEqual(tokens, { access: "fresh", refresh: "old-refresh" });
});

Deno.test("401 again with the new token stops, and says what to do", async () => {
  const { ask, waits } = gazelle([failing(401), granting({ access_token: "fresh" }), failing(401)]);
  const problem = await failure(ask("{ ok }", {}));
  assert.equal(problem.code, "gazelle_unauthorized");
  assert.match(problem.hint ?? "", /GAZELLE_REFRESH_TOKEN/);
  assert.deepEqual(waits, []);
});

Deno.test("a token that another call is getting is waited for, for 10 s; then the run is to wait", async () => {
  const waits: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
  const busy = { rpc: () => Promise.resolve({ data: {}, error: null }) };
  const configured = { refreshToken: "configured-token", accessToken: null };
  const problem = await failure(vaultStore(busy, sleep).claim(configured, null));
  assert.deepEqual([problem.code, problem.retrySeconds], ["gazelle_unauthorized", 60]);
  assert.equal(waits.reduce((sum, wait) => sum + wait), 10_000);

  const answers = [{}, {}, { access_token: "got by the other" }];
  const soon = { rpc: () => Promise.resolve({ data: answers.shift(), error: null }) };
  assert.deepEqual(await vaultStore(soon, sleep).claim(configured, null), { access: "got by the other" });
  assert.equal(answers.length, 0);
});

type Given = { random?: () => number; tokens?: Tokens };

/** The client over answers given in order; time passes only while it waits. */
function gazelle(
  answers: (() => Response)[],
  { random = () => 0, tokens = { access: "token" } }: Given = {},
) {
  const waits: number[] = [];
  const seen: { authorization: string | null; body: string }[] = [];
  let now = 1_000_000;
  const world = {
    tokens,
    random,
    now: () => now,
    sleep: (milliseconds: number) => {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
    fetch: (_: unknown, request?: RequestInit) => {
      seen.push({
        authorization: new Headers(request?.headers).get("authorization"),
        body: String(request?.body),
      });
      const next = answers.shift();
      return next ? Promise.resolve(next()) : Promise.reject(new Error("one request too many"));
    },
  };
  const settings = readSettings({
    GAZELLE_CLIENT_ID: "shop",
    GAZELLE_CLIENT_SECRET: "a-long-secret",
    GAZELLE_REFRESH_TOKEN: "configured-token",
  });
  return { ask: connectGazelle(settings, world, now + 60_000), waits, seen };
}

async function failure(work: Promise<unknown>) {
  const result = await work.then(() => null, asProblem);
  assert.ok(result, "it did not fail");
  return result;
}
