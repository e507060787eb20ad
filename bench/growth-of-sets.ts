// What an edit of a set leaves behind: every element of it could have a line in the engine's records.

import type postgres from "postgres";
import type { BenchServer } from "./database.ts";
import { whole } from "./report.ts";
import { guards, upsert } from "./statements.ts";

/** What something costs when records are few, and when they are many. */
export interface Growth {
  name: string;
  unit: "ms" | "kB";
  /** In the young and in the old database. */
  young: number;
  old: number;
  limit: number;
  /** old / young, for what must be flat. */
  flatness: number | null;
  ok: boolean;
}

const kilobyte = 1024;
const manyTags = 1_000;

/** What an edit of a set writes to the log, records of the engine among it: of a small set, and of a large one. */
export async function editsOfSets(server: BenchServer): Promise<Growth> {
  const template = await server.template("tags", async (person, sync) => {
    await guards["guarded"]!(person, sync);
    await person`select bench.fill(100)`;
    await sync.unsafe(upsert()());
  });
  await using database = await server.copy(template);
  const { person } = database;
  const [young, old] = [await bytesOfTags(person, 1, 10), await bytesOfTags(person, 2, manyTags)];
  const name = `an edit that writes 10 tags, and one of ${whole(manyTags)}`;
  return {
    name,
    unit: "kB",
    young: young / kilobyte,
    old: old / kilobyte,
    limit: kilobyte,
    flatness: null,
    ok: old <= kilobyte ** 2,
  };
}

async function bytesOfTags(person: postgres.Sql, piano: number, count: number): Promise<number> {
  const [before] = await person`select pg_current_wal_insert_lsn() as lsn`;
  await person`
    update bench.pianos set tags = (select array_agg('étiquette ' || n) from generate_series(1, ${count}::integer) n)
    where external_id = (select external_id from bench.incoming where n = ${piano})`;
  const [written] = await person`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${before?.["lsn"]})::float8 as bytes`;
  return written?.["bytes"];
}
