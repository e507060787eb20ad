import assert from "node:assert/strict";
import { credentialsFor } from "../../supabase/functions/_shared/gazelle/auth/credentials.ts";
import { vaultStore } from "../../supabase/functions/_shared/gazelle/auth/token-store.ts";
import { asProblem } from "../../supabase/functions/_shared/problem.ts";
import { failRun } from "../../supabase/functions/_shared/sync/runs.ts";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

type Failure = { code: string; message: string } | null;

const settings = {
  kind: "oauth",
  tokenUrl: "https://gazelle.example/token",
  clientId: "shop",
  clientSecret: "a-long-secret",
  refreshToken: "spent by being used",
  accessToken: null,
} as const;

/** Gets a token, and stores it in a database that fails so; returns what the request then carries. */
async function obtain(failures: Failure[]) {
  const [stored, waits]: [unknown[], number[]] = [[], []];
  const sleep = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
  const database = {
    rpc(name: string, args: Record<string, unknown>) {
      if (name === "sync_claim_token") {
        return Promise.resolve({ data: { refresh_token: "r-1", lease: "l" }, error: null });
      }
      const error = failures.shift() ?? null;
      if (error === null) stored.push(args.refresh_token);
      return Promise.resolve({ data: null, error });
    },
  };
  const untouched = JSON.stringify({ access_token: "fresh", refresh_token: "r-2" });
  const send = () =>
    Promise.resolve({ ok: true, status: 200, headers: new Headers(), text: untouched, untouched });
  const world = { fetch, now: () => 0, random: () => 0, sleep };
  const { headers } = credentialsFor(settings, { store: vaultStore(database, sleep) }, send, world);
  return { carried: await headers().catch(asProblem), stored, waits };
}

const down = { code: "57P01", message: "terminating connection due to administrator command" };
const lost = { code: "", message: "connection reset" };
const gone = { code: "PT409", message: "the task of getting a token is not yours any more" };

Deno.test("a database that is away for a moment gets the new token all the same", async () => {
  for (const failures of [[], [down], [lost], [down, lost, down]]) {
    const { carried, stored } = await obtain([...failures]);
    assert.deepEqual([carried, stored], [{ authorization: "Bearer fresh" }, ["r-2"]]);
  }
});

Deno.test("a try whose answer was lost may have stored it: the token serves", async () => {
  assert.deepEqual((await obtain([lost, gone])).carried, { authorization: "Bearer fresh" });
});

Deno.test("what does not pass is told at once, and a database that stays away in the end", async () => {
  const refused = await obtain([gone]);
  assert.equal("code" in refused.carried && refused.carried.code, "run_lost");
  assert.deepEqual(refused.waits, []);
  const away = await obtain([down, down, down, down]);
  assert.equal("code" in away.carried && away.carried.code, "database_failed");
});

Deno.test("a run whose end cannot be recorded as it is ends all the same", async () => {
  const recorded: Record<string, unknown>[] = [];
  const database = {
    rpc(_: string, args: Record<string, unknown>) {
      recorded.push(args);
      return recorded.length === 1
        ? Promise.resolve({ data: null, error: { code: "22003", message: "out of range" } })
        : Promise.resolve({
          data: {
            step: "stage",
            status: "failed",
            run_id: 1,
            stream: "x",
            mark: 1,
            not_before: null,
            counters: {},
            error: null,
          },
          error: null,
        });
    },
  };
  const thrown = problem("depot_timeout", "no answer", { details: "secret", retrySeconds: 2 ** 40 });
  const run = { run_id: 1, lease: "l" };
  assert.equal((await failRun(database, run, thrown, { fetch: 0, total: 0 })).status, "failed");
  const [, bare] = recorded as [
    unknown,
    { error: { code: string; details: unknown }; retry_seconds: unknown },
  ];
  assert.deepEqual([bare.error.code, bare.error.details, bare.retry_seconds], ["depot_timeout", null, null]);
});

Deno.test("Gazelle's refresh tokens serve once: each renewal goes with the last one", async () => {
  await using platform = await smallShop({ GAZELLE_ACCESS_TOKEN: "" });
  for (let renewal = 0; renewal < 3; renewal++) {
    await platform.sql`update gazelle.token set renew_at = clock_timestamp()`;
    assert.equal((await sync(platform, "users")).body.status, "complete");
  }
  assert.equal((await platform.sql`select from sync.alerts`).length, 0);
});
