// Installs the ownership engine into a database, and takes it out, each in one transaction.

import type postgres from "postgres";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { type EngineMigration, engineMigrations } from "./migrations.ts";
import { lookAtEngine, readyToInstall, type Standing } from "./standing.ts";

export interface Installed extends Standing {
  /** What was installed before; 0 where nothing was, and `version` where there was nothing to do. */
  before: number;
  /** The rank that the installing role has now: from 100 up it is a person. */
  rank: number;
}

/** Runs the migrations that the engine lacks. @throws what readyToInstall throws; then nothing was changed */
export async function installEngine(sql: postgres.Sql, given?: EngineMigration[]): Promise<Installed> {
  const migrations = given ?? await engineMigrations();
  return await inOneTransaction(sql, async (transaction) => {
    const { version: before } = await readyToInstall(transaction, migrations.length);
    for (const { text } of migrations.slice(before)) await transaction.unsafe(text).simple();
    const now = await lookAtEngine(transaction);
    const [me] = await transaction<{ rank: number }[]>`select rank from ownership.whoami()`;
    return { ...now, before, rank: me!.rank };
  });
}

export interface Uninstalled extends Standing {
  applied: boolean;
  columns: number;
  claims: number;
  history: number;
}

/** A dry run unless `apply`. Null where there is no engine. @throws engine_foreign, engine_needed, OW001, OW013 */
export function uninstallEngine(sql: postgres.Sql, apply: boolean): Promise<Uninstalled | null> {
  return inOneTransaction(sql, async (transaction) => {
    const standing = await lookAtEngine(transaction);
    if (standing.version === 0) return null;
    if (standing.sync) {
      throw problem(
        "engine_needed",
        `The Gazelle sync is installed in ${standing.database}, and needs the engine.`,
        {
          hint:
            'docs/deploy.md, "The way back", has the statements that take both away. Nothing was changed.',
        },
      );
    }
    await transaction`select ownership.require_person('uninstall')`;
    const [counts] = await transaction<Omit<Uninstalled, keyof Standing | "applied">[]>`
      select (select count(*)::integer from ownership.policies) as columns,
        (select count(*)::integer from ownership.claims) as claims,
        (select count(*)::integer from ownership.history) as history`;
    if (apply) await transaction`select ownership.uninstall()`;
    return { ...standing, applied: apply, ...counts! };
  });
}

/** Two that install at the same time take turns: the second finds what the first made. */
async function inOneTransaction<T>(
  sql: postgres.Sql,
  work: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  const done = await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtext('etiquette install'))`;
    return { result: await work(transaction) };
  });
  return done.result;
}
