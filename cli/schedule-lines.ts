// What the schedule did while `npm start` stays up: a line for each run that did not go through or changed something, each
// pass that changed badges, each call that failed without a run, and each alert that is about no run.

import postgres from "postgres";
import { oneLine } from "./terminal.ts";

/** Milliseconds between two looks. */
const lookEvery = 2_000;

interface Happening {
  /** Tells it from all others. */
  key: string;
  /** Hour and minute, in UTC. */
  at: string;
  what: string;
  /** What went wrong, if something did. */
  problem: string | null;
  counts: Record<string, number>;
  next: string | null;
}

/** @param tell prints a line @param every milliseconds between two looks */
export async function tellSchedule(
  databaseUrl: string,
  tell: (line: string) => void,
  every = lookEvery,
): Promise<AsyncDisposable> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  let told: Set<string> | null = null;
  const look = async () => {
    const found = await happenings(sql);
    // What was before the first look is no news.
    told ??= new Set(found.map(({ key }) => key));
    for (const one of found) {
      if (told.has(one.key)) continue;
      told.add(one.key);
      const line = lineOf(one);
      if (line !== null) tell(line);
    }
  };
  // A look that fails is followed by another: what the database does not answer now, it tells later.
  let looking = look().catch(() => {});
  await looking;
  const timer = setInterval(() => looking = looking.then(look).catch(() => {}), every);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sql.end({ timeout: 1 });
    },
  };
}

function lineOf({ at, what, problem, counts, next }: Happening): string | null {
  const changed = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count.toLocaleString("en-CA")} ${name}`).join(", ");
  if (problem === null && changed === "") return null;
  const said = problem === null ? changed : [problem, next].filter(Boolean).join(": ");
  return oneLine(`${problem === null ? " " : "✖"} ${at} UTC  ${what}: ${said}`);
}

/** Those of the last hour. */
function happenings(sql: postgres.Sql): Promise<Happening[]> {
  return sql<Happening[]>`
    with ended as (
      select 'run ' || r.id as key, r.finished_at as at, r.stream as what,
        case when r.status <> 'complete' then
          r.status || coalesce(', ' || (r.error ->> 'message'), '') end as problem,
        jsonb_build_object('inserted', r.inserted, 'updated', r.updated, 'missing', r.missing) as counts,
        'etiquette run ' || r.id as next
      from sync.runs r
      where r.finished_at > now() - interval '1 hour' and r.started_by = 'key cron' and not r.dry_run
    ), answered as (
      select c.id, c.job, c.called_at, c.outcome, c.error, coalesce(c.answered_at, a.created) as at,
        case when a.content is json object then a.content::jsonb end as body
      from sync.calls c
      left join net._http_response a on a.id = c.request_id and a.created >= c.called_at
      where c.called_at > now() - interval '1 hour'
    ), passes as (
      select 'pass ' || a.id, a.at, a.job, null, jsonb_build_object('badges set', a.body -> 'badges_set',
        'badges taken', a.body -> 'badges_taken', 'badges held back', a.body -> 'badges_held'), null
      from answered a
      where a.body ? 'badges_set'
    ), failures as (
      select 'call ' || a.id, a.at, a.job, coalesce(a.error, 'failed'), '{}'::jsonb, 'etiquette schedule'
      from answered a
      left join sync.jobs j on j.job = a.job
      where a.outcome = 'failed' and not exists (
        select from sync.runs r
        where r.stream = j.stream and r.finished_at between a.called_at and a.at + interval '5 seconds')
    ), alerts as (
      select 'alert ' || a.id, a.first_at, concat_ws(' ', a.job, a.kind), a.message, '{}'::jsonb, 'etiquette doctor'
      from sync.alerts a
      where a.first_at > now() - interval '1 hour' and a.run_id is null and a.looks = '{}'
    )
    select key, to_char(at at time zone 'UTC', 'HH24:MI') as at, what, problem, counts, next
    from (
      select * from ended
      union all select * from passes
      union all select * from failures
      union all select * from alerts
    ) all_of_them
    order by all_of_them.at, key`;
}
