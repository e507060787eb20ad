import assert from "node:assert/strict";
import { setBadges, tagInstitutions } from "../../cli/people.ts";
import { showChanges } from "../../cli/screen.ts";
import type { Status } from "../../cli/status.ts";
import { verb } from "../cli/verbs.ts";
import { connect } from "../fixtures/connecting.ts";
import { clearFaults } from "../fixtures/syncing.ts";
import { slackLike } from "../fixtures/webhook.ts";
import { type ScheduledShop, scheduledShop } from "../sync/scheduling.ts";

interface Sabotage {
  what: string;
  /** The code of the finding, and of the alert. */
  code: string;
  state: Status["state"];
  commit(shop: ScheduledShop): Promise<unknown>;
  repair(shop: ScheduledShop): Promise<unknown>;
}

const streams = ["users", "clients", "contacts", "pianos", "appointments", "timeline"];
const putBack = (shop: ScheduledShop) => verb(shop, "SQL", "restore", "--now", "--apply");

const sabotages: Sabotage[] = [
  {
    what: "every tag of the clients is blanked past the triggers",
    code: "values_lost",
    state: "lost",
    commit: ({ sql }) =>
      sql.begin(async (sql) => {
        await sql`alter table gazelle_clients disable trigger user`;
        await sql`update gazelle_clients set tags = '{}'`;
        await sql`alter table gazelle_clients enable trigger user`;
        await sql`alter table gazelle_clients enable always trigger "~~ownership_guard"`;
        await sql`alter table gazelle_clients enable always trigger "~~ownership_fill"`.catch(() => {});
        await sql`alter table gazelle_clients enable always trigger "~~ownership_returned"`;
      }),
    repair: putBack,
  },
  {
    what: "the pianos are truncated",
    code: "rows_lost",
    state: "lost",
    commit: ({ sql }) => sql`truncate gazelle_pianos`,
    repair: (shop) => verb(shop, "URL and key", "sync", "pianos"),
  },
  {
    what: "a guard is dropped",
    code: "protection_weakened",
    state: "failed",
    commit: ({ sql }) => sql`drop trigger "~~ownership_guard" on gazelle_pianos`,
    repair: putBack,
  },
  {
    what: "a run trips the breaker",
    code: "run_tripped",
    state: "failed",
    async commit({ double, pass }) {
      double.order({ kind: "subset", field: "allClients", share: 0.5 });
      await pass("10:05");
    },
    async repair(shop) {
      await clearFaults(shop);
      await shop.pass("11:05");
    },
  },
  {
    what: "the token is revoked",
    code: "token_refused",
    state: "failed",
    async commit({ double, pass }) {
      double.order({ kind: "revoked_refresh_token" });
      double.order({ kind: "expired_token" });
      await pass("12:15");
    },
    async repair(shop) {
      await connect(shop);
      await shop.pass("13:15");
    },
  },
  {
    what: "most pianos come with an error",
    code: "run_degraded",
    state: "degraded",
    async commit({ double, sql, pass }) {
      const found = await sql<
        { id: string }[]
      >`select external_id as id from gazelle_pianos order by 1 limit 144`;
      const records = found.map(({ id }) => id);
      double.order({ kind: "field_error", field: "allPianos", path: "tags", records, times: "always" });
      await pass("14:15");
    },
    async repair(shop) {
      await clearFaults(shop);
      await shop.pass("15:15");
    },
  },
];

Deno.test("what is sabotaged is told at the next tick on every surface, and is over once repaired", async (test) => {
  await using shop = await scheduledShop();
  await using webhook = await slackLike();
  await settle(shop, webhook.url);
  await using screen = screenOf(shop);
  const tick = ticker(shop);
  await tick();
  assert.deepEqual(await seen(shop, screen, webhook, "nothing"), calm);

  for (const { what, code, state, commit, repair } of sabotages) {
    await test.step(`${what}: ${code}`, async () => {
      const before = webhook.texts.length;
      await commit(shop);
      await tick();
      assert.deepEqual(await seen(shop, screen, webhook, code), {
        state,
        finding: true,
        open: true,
        told: 1,
        over: 0,
        doctor: [1, true],
        verify: [1, true],
        screen: true,
      });
      await tick();
      const told = () => webhook.texts.slice(before).filter((text) => text.includes(`: ${code}*`));
      assert.equal(told().length, 1, "it is told once");

      await repair(shop);
      await tick();
      assert.deepEqual(await seen(shop, screen, webhook, code), { ...calm, told: 1, over: 1 });
      assert.deepEqual(
        [...await shop.sql`select kind, message from sync.alerts where resolved_at is null`],
        [],
      );
      await tick();
      assert.equal(told().length, 2, "that it is over is told once");
    });
  }
});

const calm = {
  state: "well",
  finding: false,
  open: false,
  told: 0,
  over: 0,
  doctor: [0, false],
  verify: [0, false],
  screen: false,
};

/** A shop that is well: everything synced, tagged and on schedule, and somebody to tell. */
async function settle(shop: ScheduledShop, url: string): Promise<void> {
  const { sql, double } = shop;
  await sql`select vault.create_secret(${url}, 'alert_webhook_url')`;
  assert.equal((await verb(shop, "URL and key", "sync")).code, 0);
  await tagInstitutions(sql);
  await setBadges(sql, double.shop);
  for (const stream of streams) assert.equal((await verb(shop, "URL and key", "sync", stream)).code, 0);
}

/** Passes the next minute in which the watch alone is due. What it queued is answered when the next one begins. */
function ticker(shop: ScheduledShop): () => Promise<void> {
  let hour = 0;
  return async () => {
    await shop.pass(`${String(++hour % 24).padStart(2, "0")}:35`);
  };
}

/** What each surface says of a code. */
async function seen(shop: ScheduledShop, screen: Screen, webhook: { texts: string[] }, code: string) {
  const [row] = await shop.sql<[{ status: Status }]>`select shop_status() as status`;
  const { state, findings } = row!.status;
  const open = await shop.sql`select from sync.alerts where resolved_at is null and kind = ${code}`;
  const doctor = await verb(shop, "SQL", "doctor", "--json");
  const verify = await verb(shop, "URL and key", "verify");
  const name = findings.find((finding) => finding.code === code)?.name ?? "no finding";
  return {
    state,
    finding: findings.some((finding) => finding.code === code),
    open: open.length === 1,
    told: webhook.texts.filter((text) => text.includes(`: ${code}*`) && !text.includes("is over")).length,
    over: webhook.texts.filter((text) => text.includes(`: ${code}* is over`)).length,
    doctor: [doctor.code, doctor.printed.includes(`"name":"${name}"`)],
    verify: [verify.code, verify.printed.includes(`✖ ${name}: `)],
    screen: await screen.shows(name),
  };
}

interface Screen extends AsyncDisposable {
  /** Whether its last line about this is a finding. */
  shows(name: string): Promise<boolean>;
}

function screenOf({ sql }: ScheduledShop): Screen {
  const stop = new AbortController();
  const lines: string[] = [];
  let looks = 0;
  const showing = showChanges(
    async () => {
      const [row] = await sql<[{ status: Status }]>`select shop_status() as status`;
      looks++;
      return row!.status;
    },
    (line) => lines.push(line),
    stop.signal,
    300,
  );
  return {
    async shows(name) {
      for (const now = looks; looks < now + 2;) await new Promise((done) => setTimeout(done, 50));
      return lines.findLast((line) => line.includes(` ${name}: `))?.startsWith("✖") ?? false;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await showing;
    },
  };
}
