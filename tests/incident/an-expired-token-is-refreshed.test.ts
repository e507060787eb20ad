import assert from "node:assert/strict";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("an expired token is refreshed, and the sync goes on", async () => {
  await using platform = await smallShop();
  platform.double.order({ kind: "expired_token", field: "allClients", page: 2 });
  const { body } = await sync(platform, "clients");
  assert.deepEqual([body.status, body.counters.fetched], ["complete", body.counters.total]);
  const { pathname: graphql } = new URL(platform.double.url);
  const { pathname: token } = new URL(platform.double.tokenUrl);
  const asked = await (await fetch(`${platform.double.controlUrl}/log`)).json() as Request[];
  const refused = asked.findIndex(({ status }) => status === 401);
  assert.deepEqual(asked.slice(refused, refused + 3).map(({ status, path }) => [status, path]), [
    [401, graphql],
    [200, token],
    [200, graphql],
  ]);
});

Deno.test("a token that cannot be refreshed ends the run with its reason, and changes nothing", async () => {
  await using platform = await smallShop();
  await sync(platform, "clients");
  const before = await rows(platform);
  platform.double.order({ kind: "revoked_refresh_token" });
  platform.double.order({ kind: "expired_token" });
  const { body } = await sync(platform, "clients");
  assert.equal(body.error?.code, "gazelle_unauthorized");
  const [run] = await platform
    .sql`select status, error ->> 'code' as code from sync.runs order by id desc limit 1`;
  assert.deepEqual({ ...run }, { status: "failed", code: "gazelle_unauthorized" });
  assert.equal(await rows(platform), before);
});

interface Request {
  path: string;
  status: number;
}

async function rows({ sql }: Awaited<ReturnType<typeof smallShop>>): Promise<string> {
  const [found] =
    await sql`select md5(string_agg(c::text, ',' order by external_id)) as rows from gazelle_clients c`;
  return found?.rows;
}
