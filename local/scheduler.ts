// Does the work of pg_cron: runs the jobs of cron.job that are due in a minute, each in its own transaction, and
// records the results in cron.job_run_details. It also sends the requests that the jobs queue, which is the work of
// pg_net.

import postgres from "postgres";
import { isDue } from "./cron.ts";
import { messageOf } from "../supabase/functions/_shared/problem.ts";
import { createSender } from "./sender.ts";

export interface Scheduler extends AsyncDisposable {
  /** Runs the jobs that are due in the minute of `at`, and waits until the requests that they queued are answered. */
  tick(at: Date): Promise<void>;
  /** Runs the jobs of each minute from the next one on. */
  start(): Promise<void>;
}

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Makes the call after so many milliseconds. Returns a function that cancels it. */
  after(milliseconds: number, call: () => void): () => void;
}

interface Job {
  jobid: string;
  schedule: string;
  command: string;
}

const minute = 60_000;
/** A timer may fire a little early. Without this a minute could run twice. */
const slack = 500;

/**
 * @param databaseUrl of the one database whose jobs are run, with the role that runs them
 * @param onError is told what keeps jobs from being run at all; what a job itself meets is on record
 */
export function createScheduler(
  databaseUrl: string,
  clock: Clock = systemClock,
  onError: (message: string) => void = console.error,
): Scheduler {
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  const sender = createSender(sql, onError);
  let callOff = () => {};
  let running = Promise.resolve();

  /** The jobs of a minute begin when those of the minute before have ended. */
  const runJobs = (at: Date) => running = running.catch(() => {}).then(() => runDue(sql, at));
  const wait = () => {
    const now = clock.now();
    const next = new Date(Math.floor((now + slack) / minute + 1) * minute);
    callOff = clock.after(next.getTime() - now, () => {
      runJobs(next).catch((error) => onError(messageOf(error)));
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
