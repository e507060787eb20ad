import assert from "node:assert/strict";
import { checkFacts, type Facts } from "../../cli/checks.ts";

const now = Date.parse("2026-11-23T05:00:00Z");
const facts: Facts = {
  migrations: ["1"],
  roles: [],
  grants: [],
  kept_grants: [],
  constraints: [],
  writers: { code: [], kept: 0, example: null, backend_writes: false },
  health: [],
  token: {
    way: "oauth",
    is_connected: true,
    is_renewable: true,
    expires_at: "2026-12-20T00:00:00Z",
    error: null,
  },
  schedule: [{ job: "clients", schedule: "*/15 * * * *", active: true }],
  missing_secrets: [],
  streams: [{
    stream: "clients",
    is_enabled: true,
    run_id: 1,
    status: "complete",
    error: null,
    hours: 0.2,
    idle_slices: 0,
  }],
  alerts: [],
};

/** State and text of one check. */
function look(name: string, changed: Partial<Facts>): string {
  const found = checkFacts({ ...facts, ...changed }, ["1_first.sql"], now).find((check) =>
    check.name === name
  );
  return `${found?.state}: ${found?.found}`;
}

Deno.test("the schedule: active, one off by intention, all off, not installed", () => {
  assert.equal(look("schedule", {}), "ok: 1 jobs are active");
  const off = { job: "pianos", schedule: "@daily", active: false };
  assert.equal(
    look("schedule", { schedule: [...facts.schedule!, off] }),
    "ok: 1 jobs are active, and off: pianos",
  );
  assert.equal(look("schedule", { schedule: [off] }), "wrong: no job is active");
  assert.equal(look("schedule", { schedule: null }), "unknown: not installed");
});

Deno.test("grants on a table that was taken over are told, and are no fault", () => {
  assert.equal(look("grants on public.gazelle_users", {}), "undefined: undefined");
  const kept = [{ tbl: "public.gazelle_users", grantee: "authenticated", privileges: "delete, select" }];
  assert.equal(
    look("grants on public.gazelle_users", { kept_grants: kept }),
    "unknown: as before the install, authenticated may delete, select: revoke what your application does not need",
  );
});

Deno.test("constraints of an application on a table that was taken over are told, and are no fault", () => {
  const constraints = [
    { tbl: "public.gazelle_users", name: "staff", definition: "FOREIGN KEY (email) REFERENCES staff(email)" },
    { tbl: "public.gazelle_users", name: "known", definition: "CHECK (role = 'ADMIN')" },
  ];
  assert.equal(
    look("constraints on public.gazelle_users", { constraints }),
    "unknown: a record of Gazelle's that one of these refuses is not stored: " +
      "staff FOREIGN KEY (email) REFERENCES staff(email); known CHECK (role = 'ADMIN')",
  );
});

Deno.test("the doctor asks who else writes, and whether people edit through a back end", () => {
  const writers = {
    code: ["function old_sync()"],
    kept: 3,
    example: "gazelle_pianos.notes of ins_1",
    backend_writes: false,
  };
  assert.equal(look("people's edits", {}), "undefined: undefined");
  assert.match(look("other writers", { writers }), /^unknown: function old_sync\(\): as which role\?/);
  assert.match(
    look("people's edits", { writers }),
    /^unknown: 3 cells kept out .*, last gazelle_pianos\.notes of ins_1, and nobody has written as app_backend: do people/,
  );
  assert.doesNotMatch(
    look("people's edits", { writers: { ...writers, backend_writes: true } }),
    /app_backend/,
  );
});

Deno.test("the token: renewed by itself, about to end, ended, refused, an API key, never used", () => {
  const token = (changed: Partial<Facts["token"]>, more: Partial<Facts> = {}) =>
    look("Gazelle", { token: { ...facts.token, ...changed }, ...more });
  assert.equal(token({}), "ok: connected (oauth), until 2026-12-20, renewed by itself");
  assert.equal(
    token({ expires_at: "2026-11-30T06:00:00Z" }),
    "ok: connected (oauth), until 2026-11-30, renewed by itself",
  );
  const fixed = { is_renewable: false };
  assert.equal(token({ ...fixed, expires_at: "2026-11-30T06:00:00Z" }), "wrong: the token expires in 7 days");
  assert.equal(token({ ...fixed, expires_at: "2026-11-22T06:00:00Z" }), "wrong: the token has expired");
  assert.equal(
    token({ ...fixed, expires_at: "2026-12-20T00:00:00Z" }),
    "ok: connected (oauth), until 2026-12-20",
  );
  assert.equal(token({ error: { message: "it was refused" } }), "wrong: it was refused");
  assert.equal(token({ is_connected: false }), "wrong: no token, and none can be got");
  assert.equal(token({ way: null }), "ok: was read with an API key");
  assert.equal(token({ way: null }, { streams: [] }), "unknown: was not called yet: etiquette sync");
});

Deno.test("last runs: complete and recent, old, failed, none", () => {
  const last = (changed: Partial<Facts["streams"][number]>) =>
    look("last run of clients", { streams: [{ ...facts.streams[0]!, ...changed }] });
  assert.equal(last({}), "ok: run 1, 0.2 h ago, is complete");
  assert.equal(last({ status: "paused" }), "ok: run 1, 0.2 h ago, is paused");
  assert.equal(last({ status: "paused", hours: 288 }), "wrong: run 1, 288 h ago, is paused");
  assert.equal(
    last({ status: "running", idle_slices: 5 }),
    "wrong: run 1, 0.2 h ago, is running, without progress in 5 calls",
  );
  assert.equal(last({ hours: 27 }), "wrong: run 1, 27 h ago, is complete");
  const error = { message: "Gazelle is down" };
  assert.equal(last({ status: "failed", error }), "wrong: run 1, 0.2 h ago, is failed: Gazelle is down");
  assert.equal(last({ run_id: null, status: null }), "wrong: there was none");
});
