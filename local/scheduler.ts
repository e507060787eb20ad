// What pg_cron does: runs the jobs of cron.job that are due in a minute, each in a transaction of its own, and keeps
// in cron.job_run_details what came of it. And pg_net's part, so that what they queue is sent.

import postgres from "postgres";
import { isDue } from "./cron.ts";
import { messageOf } from "../supabase/functions/_shared/problem.ts";
import { createSender } from "./sender.ts";

export interface Scheduler extends AsyncDisposable {
  /** Runs what is due in the minute of `at`; ends when all that it queued was answered. */
  tick(at: Date): Promise<void>;
  /** From the next full minute on, by the clock. */
  start(): Promise<void>;
}

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls once after so many milliseconds, and returns what calls it off. */
  after(milliseconds: number, call: () => void): () => void;
}

interface Job {
  jobid: string;
  schedule: string;
  command: string;
}

const minute = 60_000;
/** A timer may fire a little early: it must not run its minute twice. */
const slack = 500;

/** @param databaseUrl as the role whose jobs are run: every one of them, in one database */
export function createScheduler(databaseUrl: string, clock: Clock = systemClock): Scheduler {
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  const sender = createSender(sql);
  let callOff = () => {};
  let running = Promise.resolve();

  /** A minute's jobs begin when those of the last one have ended. */
  const runJobs = (at: Date) => running = running.catch(() => {}).then(() => runDue(sql, at));
  const wait = () => {
    const now = clock.now();
    const next = new Date(Math.floor((now + slack) / minute + 1) * minute);
    callOff = clock.after(next.getTime() - now, () => {
      runJobs(next).catch((error) => console.error(messageOf(error)));
      wait();
    });
  };
  return {
    async tick(at) {
      await runJobs(at);
      await sender.send();
    },
    async start() {
      await sender.listen();
      wait();
    },
    async [Symbol.asyncDispose]() {
      callOff();
      await sender.stop();
      await running.catch(() => {});
      await sql.end({ timeout: 1 });
    },
  };
}

async function runDue(sql: postgres.Sql, at: Date): Promise<void> {
  const jobs = await sql<Job[]>`select jobid, schedule, command from cron.job where active order by jobid`;
  for (const job of jobs) if (isDue(job.schedule, at)) await run(sql, job);
}

async function run(sql: postgres.Sql, { jobid, command }: Job): Promise<void> {
  const [begun] = await sql<{ runid: string }[]>`
    insert into cron.job_run_details (jobid, command, database, username, status, start_time)
    values (${jobid}, ${command}, current_database(), current_user, 'running', clock_timestamp())
    returning runid`;
  const ended = await sql.unsafe(command).simple().then(
    () => ({ status: "succeeded", message: "1 row" }),
    (error) => ({ status: "failed", message: `ERROR: ${messageOf(error)}` }),
  );
  await sql`
    update cron.job_run_details
    set status = ${ended.status}, return_message = ${ended.message}, end_time = clock_timestamp()
    where runid = ${begun!.runid}`;
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};
