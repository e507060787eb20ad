// `etiquette schedule [job] [cadence]`: shows what runs when, or puts a job on schedule or takes it off.

import type { Command } from "commander";
import type postgres from "postgres";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { oneLine } from "../terminal.ts";

export interface Scheduled {
  job: string;
  /** Five fields, in UTC. */
  schedule: string;
  active: boolean;
  /** ISO 8601, or null if it never began. */
  last_start: string | null;
  /** The HTTP status of the last answer, or null for a job that is done in the database. */
  last_answer: number | null;
  last_error: string | null;
  /** The status of the last run of its stream. */
  last_run: string | null;
  purpose: string;
}

export function define(command: Command): void {
  project(command)
    .description("show what runs when, and what came of it; or put a job on schedule, or take it off")
    .argument("[job]", "one, or all; a change needs a person's rank, so a database and not a key")
    .argument(
      "[cadence]",
      "minute, hour, day, month and weekday in UTC, such as '*/15 * * * *'; or on; or off",
    )
    .addOption(json("one object a job and line"))
    .action((job, cadence, options) =>
      run(options, (signal) => schedule(job, cadence, options, signal), { text })
    );
}

/** @throws needs_person, PT404, SY001, SY002 */
export function schedule(
  job: string | undefined,
  cadence: string | undefined,
  options: ProjectOptions,
  signal: AbortSignal,
): Promise<Scheduled[]> {
  const named = job === "all" ? null : job ?? null;
  return asPerson("schedule", options, signal, async (sql) => {
    if (named !== null) await sql`select sync.check_job(${named})`;
    const jobs = await sql<{ shown: Scheduled }[]>`
      select to_jsonb(s) as shown from ${source(sql, named, cadence)} s
      where s.job = coalesce(${named}::text, s.job) order by s.job`;
    return jobs.map(({ shown }) => shown);
  });
}

/** The rows to show: those of the view, or those that a change returns. */
function source(sql: postgres.Sql, job: string | null, cadence: string | undefined) {
  if (cadence === undefined) return sql`sync.schedules`;
  if (cadence === "off") return sql`sync.unschedule(${job}::text)`;
  return sql`sync.schedule(${job}::text, ${cadence === "on" ? null : cadence}::text)`;
}

function text(jobs: Scheduled[]): string {
  const isAllOff = jobs.length > 1 && !jobs.some(({ active }) => active);
  const failed = jobs.filter(({ last_error }) => last_error !== null);
  return [
    table(
      ["Job", "Schedule, in UTC", "", "Last start", "Answer", "Last run"],
      jobs.map(({ job, schedule, active, last_start, last_answer, last_run }) => [
        job,
        schedule,
        active ? "on" : "OFF",
        last_start?.slice(0, 16).replace("T", " ") ?? "never",
        last_answer ?? "",
        last_run ?? "",
      ]),
    ),
    ...failed.map(({ job, last_error }) => oneLine(`✖ ${job}: ${last_error}`)),
    ...(isAllOff ? ["Nothing runs on schedule. To begin: etiquette schedule all on"] : []),
  ].join("\n");
}
