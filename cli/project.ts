// Reaches the project that a verb works on: a database by SQL, or a project by URL and secret key. If none is named,
// that is the local platform. Either way the same functions of schema public are called, and give the same errors.

import type postgres from "postgres";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { refuseNewer } from "../supabase/functions/_shared/schema-version.ts";
import { connectApi } from "./api.ts";
import type { Api, CallFunction } from "./calls.ts";
import { engineVersion } from "./install/migrations.ts";
import { refuseNewerEngine } from "./install/standing.ts";
import { localApi } from "./local.ts";

export interface ProjectOptions {
  /** Of a hosted project. */
  url?: string;
  /** Only from the environment, since arguments can be seen in the list of processes. */
  secretKey?: string;
  /** As a person: postgres://postgres:…@host:port/postgres. */
  database?: string;
  /** Folder of the local platform. */
  data: string;
  /** Milliseconds until a call of the API, or a connection to the database, is given up. */
  patience?: number;
  /** Takes what the database warns of. */
  warn?: (warning: string) => void;
}

/** For verbs that a program may use too: by URL and key if only those are given, else by SQL. */
export async function withProject<T>(
  options: ProjectOptions,
  signal: AbortSignal,
  work: (call: CallFunction) => Promise<T>,
): Promise<T> {
  if (options.url !== undefined && options.database === undefined) {
    const { call } = await openApi(options);
    await refuseNewerDatabase(call);
    return await work(call);
  }
  const { callBySql, withDatabase } = await import("./database.ts");
  return await withDatabase(options, signal, async (sql) => {
    const call = callBySql(sql);
    await Promise.all([refuseNewerEngine(sql, await engineVersion()), refuseNewerDatabase(call)]);
    return await work(call);
  });
}

/**
 * If the version cannot be asked for, the verb will fail too, with an error that says more.
 * @throws database_newer
 */
async function refuseNewerDatabase(call: CallFunction): Promise<void> {
  const version = await call<number>("etiquette_version").catch(() => 0);
  refuseNewer(version, "this command line", "Use the command line of that release: git pull, then npm ci.");
}

/** For verbs that need the rank of a person: only by SQL, since a secret key has the rank of a program. */
export async function asPerson<T>(
  verb: string,
  options: ProjectOptions,
  signal: AbortSignal,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  if (options.url !== undefined && options.database === undefined) {
    throw problem(
      "needs_person",
      `${verb} needs a person's rank, 100, and a secret key has that of a program, 20.`,
      {
        details: `Only ${options.url} is given.`,
        hint:
          "Name the project's database: ETIQUETTE_DATABASE_URL=postgres://postgres:…@host:5432/postgres, or --database.",
      },
    );
  }
  const { callBySql, withDatabase } = await import("./database.ts");
  return await withDatabase(options, signal, async (sql) => {
    await Promise.all([refuseNewerEngine(sql, await engineVersion()), refuseNewerDatabase(callBySql(sql))]);
    return await work(sql);
  });
}

/** The project's API, with its edge functions. @throws no_url, no_secret_key, key_not_secret, no_platform */
export async function openApi(options: ProjectOptions): Promise<Api> {
  if (options.url !== undefined) return connectApi(options.url, options.secretKey, options.patience);
  if (options.database === undefined) {
    const { url, secretKey } = await localApi(options.data);
    return connectApi(url, secretKey, options.patience);
  }
  throw problem("no_url", "A database alone is given, and this calls an edge function.", {
    hint:
      "Name the project: --url https://<project>.supabase.co, with its secret key in ETIQUETTE_SECRET_KEY.",
  });
}
