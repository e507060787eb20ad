import assert from "node:assert/strict";
import { crowd, type Isolation } from "./crowd.ts";

for (const isolation of ["read committed", "repeatable read"] satisfies Isolation[]) {
  Deno.test(`${isolation}: a naive trigger loses edits and batches`, async () => {
    const { lost, refused } = await crowd("losses.naive", isolation);
    assert.ok(lost.length > 0, "nothing was lost: the syncs do not do their worst");
    assert.ok(refused > 0, "no sync sent a NULL that a column cannot hold");
  });

  Deno.test(`${isolation}: no edit is lost`, async (test) => {
    const { lost, astray, refused, kept, edits, syncs, deadlocks, conflicts } = await crowd(
      "losses.protected",
      isolation,
    );
    const met = `${edits} edits, ${syncs} syncs, ${deadlocks} deadlocks, ${conflicts} serialization failures`;
    await test.step(met, () => assert.ok(deadlocks + conflicts > 0, "nobody ever met anybody"));
    await test.step(`${kept} values kept`, () => assert.ok(kept > 0, "no sync was in a person's way"));
    assert.deepEqual({ lost, astray, refused }, { lost: [], astray: 0, refused: 0 });
  });
}
