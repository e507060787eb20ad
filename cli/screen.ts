// What `npm start` shows of the state of the shop while it is up: one line for each finding that comes, changes or ends.

import { setTimeout as after } from "node:timers/promises";
import postgres from "postgres";
import { messageOf } from "../supabase/functions/_shared/problem.ts";
import { callBySql } from "./database.ts";
import { changes, type Status } from "./status.ts";
import { oneLine } from "./terminal.ts";

/** Milliseconds between two looks. */
const every = 15_000;

/** Tells what changes, until it is disposed of. */
export function tellState(databaseUrl: string, tell: (line: string) => void): AsyncDisposable {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const stop = new AbortController();
  const telling = showChanges(() => callBySql(sql)<Status>("shop_status"), tell, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await sql.end({ timeout: 0 });
      await telling;
    },
  };
}

/** Says what changes, until the signal is aborted. */
export async function showChanges(
  look: () => Promise<Status>,
  say: (line: string) => void,
  signal: AbortSignal,
  wait = every,
): Promise<void> {
  let before: Status | null = null;
  let blind = "";
  while (!signal.aborted) {
    try {
      const status = await look();
      if (blind !== "") say(`ok the database answers again: ${status.state}`);
      blind = "";
      changes(before, status).forEach((line) => say(oneLine(line)));
      before = status;
    } catch (error) {
      if (!signal.aborted && blind !== messageOf(error)) {
        say(oneLine(`✖ cannot tell: ${blind = messageOf(error)}`));
      }
    }
    await after(wait, undefined, { signal }).catch(() => {});
  }
}
