import assert from "node:assert/strict";
import { streams } from "../../supabase/functions/_shared/sources.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

const names = streams.map(({ name }) => name);
const afterClients = names.slice(names.indexOf("clients") + 1);

type Report = { stream: string; status: string; error: { code: string } | null };

Deno.test("all streams in one call", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;

  await test.step("each has its run, after those it refers to, and its report", async () => {
    const { status, body } = await syncAll(platform);
    assert.deepEqual([status, body.status, body.waiting], [200, "complete", []]);
    assert.deepEqual(body.reports.map(({ stream }) => stream), names);
    const runs = await sql`select stream, status from sync.runs order by id`;
    assert.deepEqual(runs.map((run) => run.stream), names);
    assert.ok(runs.every((run) => run.status === "complete"));
  });

  await test.step("a stream that fails by itself does not keep the others from their run", async () => {
    double.order({ kind: "forbidden", field: "allPianos" });
    const { status, body } = await syncAll(platform);
    assert.deepEqual([status, body.status, body.waiting], [502, "failed", []]);
    assert.deepEqual(outcomes(body.reports), {
      ...Object.fromEntries(names.map((name) => [name, "complete"])),
      pianos: "gazelle_refused",
    });
  });

  await test.step("what befalls all of them alike is met once; the others wait for the next call", async () => {
    double.order({ kind: "unauthorized", field: "allClients", times: 2 });
    const { status, body } = await syncAll(platform);
    assert.deepEqual([status, body.status], [502, "failed"]);
    assert.deepEqual(outcomes(body.reports), { users: "complete", clients: "gazelle_unauthorized" });
    assert.deepEqual(body.waiting, afterClients);
  });

  await test.step("the next call goes on with those that waited", async () => {
    const { status, body } = await syncAll(platform);
    assert.equal(status, 200);
    assert.deepEqual(body.reports.map(({ stream }) => stream), afterClients);
  });

  await test.step("a list that shifts while it is read: partial, and said so for the whole", async () => {
    double.order({ kind: "shift", field: "allPianos", page: 2, change: "remove" });
    const { status, body } = await syncAll(platform);
    assert.deepEqual([status, body.status, outcomes(body.reports).pianos], [200, "partial", "partial"]);
  });

  await test.step("a request that no stream takes is refused once, before anything", async () => {
    const before = (await sql`select from sync.runs`).length;
    const { status, body } = await syncAll(platform, { body: "everything" });
    assert.deepEqual([status, body.stream, body.error?.code], [400, "all", "request_invalid"]);
    assert.equal((await syncAll(platform, { method: "GET" })).status, 405);
    assert.equal((await syncAll(platform, { headers: {} })).status, 401);
    assert.equal((await sql`select from sync.runs`).length, before);
  });

  await test.step("a database that does not know of rounds: 500, and every stream waits", async () => {
    await sql`revoke execute on function sync_due_streams from service_role`;
    const { status, body } = await syncAll(platform);
    assert.deepEqual([status, body.error?.code, body.waiting], [500, "database_failed", names]);
  });
});

async function syncAll(platform: TestPlatform, request: RequestInit = {}) {
  const { status, body } = await sync(platform, "all", request);
  const all = body as unknown as {
    stream?: string;
    status: string;
    reports: Report[];
    waiting: string[];
    error?: { code: string };
  };
  return { status, body: all };
}

function outcomes(reports: Report[]): Record<string, string> {
  return Object.fromEntries(reports.map(({ stream, status, error }) => [stream, error?.code ?? status]));
}
