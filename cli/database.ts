// Connects to a database by SQL, as a person: to the one that is named, or to that of the local platform.

import postgres from "postgres";
import type { Call } from "../supabase/functions/_shared/calls.ts";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { hintFor, notInstalled } from "./api.ts";
import type { CallFunction } from "./calls.ts";
import { engine, type Values } from "./engine.ts";
import { localDatabase } from "./local.ts";
import { push } from "./supabase.ts";

export interface DatabaseOptions {
  /** As a person: postgres://postgres:…@host:port/postgres. */
  database?: string;
  /** Folder of the local platform. */
  data: string;
  /** Milliseconds until a connection is given up. */
  patience?: number;
  /** Takes what the database warns of. */
  warn?: (warning: string) => void;
}

/** Calls `work` with a session of a person, and closes it afterwards. @throws no_database, no_platform */
export async function withDatabase<T>(
  options: DatabaseOptions,
  signal: AbortSignal,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const url = options.database ?? await localDatabase(options.data);
  const sql = open(url, options);
  // Closing the session breaks off the statement that runs, which is rolled back.
  signal.addEventListener("abort", () => sql.end({ timeout: 0 }));
  try {
    await sql`select`.catch((error) => {
      throw error instanceof postgres.PostgresError
        ? noDatabase(
          `Postgres at ${placeOf(url)} refuses the connection.`,
          error.message,
          "Check user, password and database",
        )
        : noDatabase(`Postgres at ${placeOf(url)} does not answer.`, error.message);
    });
    return await work(sql).catch((error) => {
      throw fromPostgres(error, placeOf(url));
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Calls the same functions that the API calls; what the engine alone can answer, the engine. */
export function callBySql(sql: postgres.Sql): CallFunction {
  return async <T>(...[name, args = {}]: Call) => {
    const ask = engine[name];
    if (ask !== undefined) return (await ask(sql, args as Values))[0]!.answer as T;
    const given = Object.entries(args as Values).filter(([, value]) => value !== undefined);
    const places = given.map(([key], at) => `${key} => $${at + 1}`).join(", ");
    const values = given.map(([, value]) => Array.isArray(value) ? asArray(value) : value ?? null);
    const [row] = await sql.unsafe<{ answer: T }[]>(`select public.${name}(${places}) as answer`, values);
    return row!.answer;
  };
}

const asArray = (values: string[]) => `{${values.map((value) => JSON.stringify(value)).join(",")}}`;

function open(url: string, { patience = 10_000, warn = () => {} }: DatabaseOptions): postgres.Sql {
  const onnotice = ({ severity, message, hint }: postgres.Notice) => {
    if (severity === "WARNING") warn([message, hint].filter(Boolean).join("\n  "));
  };
  try {
    return postgres(url, { max: 1, onnotice, connect_timeout: patience / 1000 });
  } catch (error) {
    throw noDatabase(`${placeOf(url)} is no address of a database.`, String(error));
  }
}

function fromPostgres(error: unknown, place: string): unknown {
  if (!(error instanceof postgres.PostgresError)) return error;
  if (["42883", "3F000", "42P01"].includes(error.code) && /\bownership\b/.test(error.message)) {
    return noEngine(place);
  }
  if (error.code === "42883" || error.code === "3F000") {
    const [, name, schema] = /function [\w.]*?(\w+)\(|schema "(\w+)"/.exec(error.message) ?? [];
    return notInstalled(
      `Postgres at ${place}`,
      schema === undefined ? `function public.${name ?? "…"}` : `schema ${schema}`,
    );
  }
  return problem(error.code, error.message, {
    details: error.detail,
    hint: error.hint ?? hintFor(error.code),
  });
}

function noEngine(place: string): Error {
  return problem("not_installed", `Postgres at ${place} has no ownership engine.`, {
    hint:
      "Install it: etiquette install --database postgres://…; or as a migration of your own project: etiquette install. " +
      `With the Gazelle sync, in a clone: ${push}`,
  });
}

/** The host and port of a database, without the password. */
export function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the given URL";
}

function noDatabase(message: string, details: string, advice = "Start it"): Error {
  return problem("no_database", message, {
    details,
    hint:
      `${advice}, or name another: --database postgres://… or ETIQUETTE_DATABASE_URL. In a clone, npm start starts one.`,
  });
}
