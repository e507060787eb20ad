import assert from "node:assert/strict";
import { checkFacts, type Facts } from "../../cli/checks.ts";
import type { Finding, Status } from "../../cli/status.ts";

const well = { state: "well", at: "2026-11-23T05:00:00Z", findings: [], well: [] } as const;
const facts: Facts = {
  migrations: ["1"],
  roles: [],
  grants: [],
  kept_grants: [],
  constraints: [],
  writers: { code: [], kept: 0, example: null, backend_writes: false },
  status: { ...well, findings: [], well: [] },
  project_url: "https://shop.supabase.test",
};

/** State and text of one check. */
function look(name: string, changed: Partial<Facts>, url: string | null = null): string {
  const checks = checkFacts({ ...facts, ...changed }, ["1_first.sql"], url);
  const found = checks.find((check) => check.name === name);
  return `${found?.state}: ${found?.found}`;
}

Deno.test("the state is shown as it is: what is wrong, what is a notice, and what cannot be told", () => {
  const one = {
    code: "x",
    name: "webhook",
    message: "none",
    details: null,
    hint: "Set it.",
    expected: null,
    found: null,
  };
  const told = (state: Finding["state"], whole: Status["state"]) => {
    const changed = { status: { ...facts.status, state: whole, findings: [{ ...one, state }] } };
    return [look("webhook", changed), look("state", changed)];
  };
  assert.deepEqual(told("notice", "well"), ["unknown: none", "ok: well"]);
  assert.deepEqual(told("lost", "lost"), ["wrong: lost: none", "wrong: lost"]);
  assert.deepEqual(told("cannot tell", "cannot tell"), ["wrong: cannot tell: none", "wrong: cannot tell"]);
});

Deno.test("the address that the schedule calls is compared with the one that is asked", () => {
  const name = "project_url in Vault";
  assert.equal(look(name, {}, "https://shop.supabase.test/"), "undefined: undefined");
  assert.match(
    look(name, {}, "https://other.supabase.test"),
    /^unknown: the schedule calls https:.*another project\?$/,
  );
  assert.equal(look(name, { project_url: null }, "https://other.supabase.test"), "undefined: undefined");
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
