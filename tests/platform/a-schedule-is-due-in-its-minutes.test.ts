import assert from "node:assert/strict";
import { isDue } from "../../local/cron.ts";
import { testDatabase } from "../fixtures/database.ts";

const monday = "2026-11-23";

/** Schedules with a time at which each is due, and one at which it is not. */
const schedules: [schedule: string, due: string, not: string | null][] = [
  ["* * * * *", `${monday}T03:07:59Z`, null],
  ["5 * * * *", `${monday}T03:05:00Z`, `${monday}T03:06:00Z`],
  ["*/15 * * * *", `${monday}T03:45:00Z`, `${monday}T03:50:00Z`],
  ["0-30/10,59 9-17 * * *", `${monday}T17:59:00Z`, `${monday}T18:59:00Z`],
  ["0-30/10,59 * * * *", `${monday}T17:20:00Z`, `${monday}T17:40:00Z`],
  ["0 0 1 */2 *", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"],
  ["0 6 * * 1-5", `${monday}T06:00:00Z`, "2026-11-22T06:00:00Z"],
  ["0 6 * * 7", "2026-11-22T06:00:00Z", `${monday}T06:00:00Z`],
  ["0 6 * * 0", "2026-11-22T06:00:00Z", `${monday}T06:00:00Z`],
  // Either day will do, unless one of them is open.
  ["0 6 13 * 1", `${monday}T06:00:00Z`, "2026-11-24T06:00:00Z"],
  ["0 6 13 * 1", "2026-11-13T06:00:00Z", "2026-11-14T06:00:00Z"],
  ["0 6 */10 * 1", "2026-12-21T06:00:00Z", `${monday}T06:00:00Z`],
];

const noSchedules = [
  "",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "*/0 * * * *",
  "5/15 * * * *",
  "30-10 * * * *",
  "1,,2 * * * *",
  "-5 * * * *",
  "1.5 * * * *",
  "* * * jan *",
  "@hourly",
  "30 seconds",
];

Deno.test("a schedule is due in the minutes that it names, in UTC", () => {
  for (const [schedule, due, not] of schedules) {
    assert.equal(isDue(schedule, new Date(due)), true, `${schedule} at ${due}`);
    if (not !== null) assert.equal(isDue(schedule, new Date(not)), false, `${schedule} at ${not}`);
  }
});

Deno.test("what is no schedule is told apart, here and by the database alike", async () => {
  for (const text of noSchedules) assert.equal(isDue(text, new Date(monday)), null, text);
  await using database = await testDatabase();
  const all = [...schedules.map(([schedule]) => schedule), ...noSchedules];
  const judged = await database.sql<{ schedule: string }[]>`
    select s.schedule from unnest(${all}::text[]) with ordinality s (schedule, place)
    where sync.is_schedule(s.schedule) order by s.place`;
  assert.deepEqual(judged.map(({ schedule }) => schedule), schedules.map(([schedule]) => schedule));
});
