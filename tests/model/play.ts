// Plays made-up sequences until enough operations were compared.

import fc from "fast-check";
import postgres from "postgres";
import { type TestDatabase, testDatabase } from "../fixtures/database.ts";
import { operations, tables } from "./operations.ts";
import { play, type Player } from "./run.ts";

export interface Goal {
  operations: number;
  seed: number;
  onProgress?(played: number): void;
}

const operationsPerTable = 120;
const tablesPerDatabase = 300;
/** A session keeps its plans of tables that are gone, and goes through all of them whenever a table is made or dropped. */
const tablesPerSession = 10;
/** Databases played in at the same time. */
const lanes = 2;

/** So many operations, unless MODEL_OPERATIONS says otherwise; MODEL_SEED plays the same ones again. */
export function goalOf(operations: number, environment: Record<string, string | undefined>): Goal {
  return {
    operations: Number(environment["MODEL_OPERATIONS"] ?? operations),
    seed: Number(environment["MODEL_SEED"] ?? Math.floor(Math.random() * 0x7fffffff)),
  };
}

/** Returns how many operations were compared; fails with the shortest sequence that tells engine and model apart. */
export async function playAll(goal: Goal): Promise<number> {
  const score = { played: 0 };
  const counted = () => {
    score.played++;
    goal.onProgress?.(score.played);
  };
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    for (let seed = goal.seed + lane; score.played < goal.operations; seed += lanes) {
      await using database = await modelDatabase();
      await using players = playersOf(database, counted);
      await playOne(seed, players.next, () => score.played >= goal.operations);
    }
  }));
  return score.played;
}

async function playOne(seed: number, next: Players["next"], isEnough: () => boolean): Promise<void> {
  const sequence = fc.array(operations(), { minLength: 1, maxLength: operationsPerTable, size: "max" });
  const property = fc.asyncProperty(tables(), sequence, async (shape, operations) => {
    if (!isEnough()) await play(await next(), shape, operations);
  });
  // Biased towards small numbers, most draws would be the first values of their lists.
  await fc.assert(property, { seed, numRuns: tablesPerDatabase, plugins: [fc.unbiased()] });
}

async function modelDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  // The alarms look at every protected table after each statement that defines something; tables come by the
  // hundred here, and alarms are not what this compares.
  for (const { evtname } of await database.sql`select evtname from pg_event_trigger`) {
    await database.sql`alter event trigger ${database.sql(evtname)} disable`;
  }
  await database.sql.unsafe(`
    create extension citext;
    create schema model;
    create type model.mood as enum ('calm', 'loud', 'out of tune');
    grant usage on schema model to public`);
  return database;
}

interface Players extends AsyncDisposable {
  /** Who plays with the next table. */
  next(): Promise<Player>;
}

function playersOf({ url }: TestDatabase, played: () => void): Players {
  let sql: postgres.Sql | null = null;
  let version = 0;
  let tables = 0;
  const end = async () => await sql?.end({ timeout: 1 });
  return {
    async next() {
      if (sql === null || tables++ % tablesPerSession === 0) {
        await end();
        sql = postgres(url, { max: 1, onnotice: () => {} });
        const [row] = await sql`select current_setting('server_version_num')::integer / 10000 as version`;
        version = row!.version;
      }
      return { sql, version, played };
    },
    [Symbol.asyncDispose]: end,
  };
}
