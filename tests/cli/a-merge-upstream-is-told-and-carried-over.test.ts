import assert from "node:assert/strict";
import type { LeftBehind } from "../../cli/commands/carry.ts";
import type { Status } from "../../cli/status.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";
import { readLines, verb } from "./verbs.ts";

const [gone, receiver] = ["cli_HbEwl9rN11pSuDEU", "cli_sos6RK8t4htOApiM"];

Deno.test("an institution that is merged into another client in Gazelle", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  const round = async () => {
    for (const stream of ["clients", "pianos"]) {
      assert.equal((await sync(platform, stream)).body.status, "complete");
    }
  };
  const told = async () => {
    const [{ findings, well }] = readLines<Status>(await verb(platform, "SQL", "verify", "--json")) as [
      Status,
    ];
    const { expected, found, details } = [...findings, ...well].find(({ name }) =>
      name.startsWith("gone from")
    )!;
    return { expected, found, examples: details ?? [] };
  };
  const inventory = async () => {
    const [found] =
      await sql`select slug, pianos, notes from institution_overview where slug = 'place-des-arts'`;
    return { ...found };
  };
  await round();
  await sql`update gazelle_clients set tags = tags || '{institutional,vip}', personal_notes = 'sonner deux fois'
    where external_id = ${gone}`;
  await sql`update institution_config set notes = 'ours' where client_external_id = ${gone}`;
  const before = await inventory();
  assert.ok(before.pianos > 0);
  double.order({ kind: "merge", from: gone, into: receiver });

  await test.step("two complete rounds later it is told: what stands on whom, and where the pianos went", async () => {
    await round();
    assert.deepEqual((await told()).examples, [], "one read that lacks it is not enough");
    await round();
    const { expected, found, examples } = await told();
    assert.deepEqual([expected, found], [0, 1]);
    assert.match(
      examples[0]!,
      new RegExp(
        `^${gone} .*: configuration place-des-arts; personal_notes; tags: institutional, vip; ` +
          `${before.pianos} of its pianos and .* with ${receiver}: etiquette carry ${gone} ${receiver}$`,
      ),
    );
    const [listed] = readLines<LeftBehind>(await verb(platform, "SQL", "carry", "--json"));
    assert.deepEqual([listed?.key, listed?.receivers[0]?.receiver, listed?.receivers[0]?.pianos], [
      gone,
      receiver,
      before.pianos,
    ]);
    const { printed } = await verb(platform, "SQL", "carry");
    assert.match(
      printed,
      new RegExp(`^${gone} .*, gone since .*\n  ${before.pianos} pianos and .*: etiquette carry`),
    );
  });

  await test.step("what would go is shown, and nothing is written", async () => {
    const { code, printed } = await verb(platform, "SQL", "carry", gone, receiver);
    assert.equal(code, 0);
    assert.match(
      printed,
      /institution_config +│ client_external_id +│ would carry .*Nothing is written yet: --apply/s,
    );
    assert.equal((await told()).found, 1);
  });

  await test.step("then it is carried over, and stays through the next rounds", async () => {
    const first = await verb(platform, "SQL", "carry", gone, receiver, "--apply");
    assert.equal(first.code, 0, first.output);
    assert.match(first.printed, /personal_notes +│ stays .*--over <columns> writes these over/s);
    assert.match((await told()).examples[0]!, /^cli_\w+ [^:]*: personal_notes;/, "what stayed is still told");
    const { code, output } = await verb(
      platform,
      "SQL",
      "carry",
      gone,
      receiver,
      "--over",
      "personal_notes",
      "--apply",
    );
    assert.equal(code, 0, output);
    await round();
    assert.deepEqual(await inventory(), { ...before, pianos: before.pianos + await ownPianos() });
    const [client] =
      await sql`select tags, personal_notes from gazelle_clients where external_id = ${receiver}`;
    assert.ok(["institutional", "vip"].every((tag) => client!.tags.includes(tag)));
    assert.equal(client!.personal_notes, "sonner deux fois");
    assert.equal((await told()).found, 0);
    assert.equal(
      (await verb(platform, "SQL", "carry")).printed,
      "People own nothing of a record that is gone.\n",
    );
  });

  await test.step("what cannot be carried is said", async () => {
    const wrong = await verb(platform, "SQL", "carry", receiver, gone);
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.output,
      /nothing can be carried over to 'cli_Hb\w+' \(PT404\)\n {2}It is gone as well\./,
    );
    assert.equal((await verb(platform, "SQL", "carry", gone)).code, 2);
    const byKey = await verb(platform, "URL and key", "carry", gone, receiver);
    assert.match(byKey.output, /carry needs a person's rank.*\(needs_person\)/);
  });

  /** Those that the receiver had before. */
  async function ownPianos(): Promise<number> {
    const [found] =
      await sql`select count(*)::integer as n from gazelle_pianos where client_external_id = ${receiver}`;
    return found!.n - before.pianos;
  }
});
