// How long detection of the Piano Life Saver takes over all notes of a shop, and over the notes that came since.

import type postgres from "postgres";
import { plsFromNotes } from "../gazelle-double/shop/pls.ts";
import { createShop, type Shop } from "../gazelle-double/shop/shop.ts";
import type { Clock } from "./cost.ts";
import { type BenchServer, installAll } from "./database.ts";
import { median } from "./measure.ts";
import { timesOfServerProcess } from "./processes.ts";
import { whole } from "./report.ts";
import { fillShop } from "./shop.ts";

export interface Speed {
  name: string;
  unit: "ms";
  /** Time by the wall clock. */
  wall: number;
  /** The same without the time in which other programs kept all processors busy. This is what is judged. */
  value: number;
  limit: number;
  /** Within the limit, and the badges are the right ones. */
  ok: boolean;
}

const rounds = 5;
const newEntries = 100;
const incrementalLimit = 100;

/** Times the first pass and later passes over a shop of the Gazelle double that has `scale` times the size of a real one. */
export async function* speeds(
  server: BenchServer,
  scale: number,
  limit: number,
  clock: Clock,
): AsyncGenerator<Speed> {
  const shop = createShop({ scale });
  const entries = whole(shop.counts.timelineEntry);
  const name = await server.template(`pls_${scale}`, (sql) => prepare(sql, shop), "template0");
  await using database = await server.copy(name);
  const { person: sql } = database;

  const first = await pass(sql, clock);
  const isRight = first.report.badges_set === [...plsFromNotes(shop)].length;
  yield measure(`first pass over ${entries} entries`, [first], limit, isRight);

  // Autovacuum would do this after so many changes.
  for (const table of ["pls_evidence", "pls.changes"]) await sql`vacuum analyze ${sql(table)}`;
  const passes: Pass[] = [];
  for (let round = 0; round < rounds; round++) {
    await addEntries(sql, round);
    passes.push(await pass(sql, clock));
  }
  const readAll = passes.every(({ report }) => report.notes_read === newEntries);
  yield measure(`${newEntries} new entries beside ${entries}`, passes, incrementalLimit, readAll);
  await server.drop(name);
}

interface Pass {
  wall: number;
  waited: number;
  report: { badges_set: number; notes_read: number };
}

async function pass(sql: postgres.Sql, clock: Clock): Promise<Pass> {
  const before = await timesOfServerProcess(sql);
  const start = clock();
  const [row] = await sql<{ report: Pass["report"] }[]>`select detect_pls() as report`;
  const wall = clock() - start;
  const after = await timesOfServerProcess(sql);
  const waited = before === null || after === null ? 0 : after.waited - before.waited;
  return { wall, waited, report: row!.report };
}

function measure(name: string, passes: Pass[], limit: number, isRight: boolean): Speed {
  const wall = median(passes.map(({ wall }) => wall));
  const value = median(passes.map(({ wall, waited }) => wall - waited));
  return { name, unit: "ms", wall, value, limit, ok: isRight && value <= limit };
}

async function prepare(sql: postgres.Sql, shop: Shop): Promise<void> {
  await installAll(sql);
  // A shop's notes repeat sentences, and a repeated sentence is cheap to judge. The worst case is that none is repeated.
  const vary = (note: string, entry: number) => note.replaceAll(/(?=[.!;\n]|$)/g, ` ${entry}`);
  await fillShop(sql, shop, { vary });
}

/** Adds a day's notes for pianos all over the shop. Each note says something of a system. */
async function addEntries(sql: postgres.Sql, round: number): Promise<void> {
  await sql`
    insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
    select 'tme_new_' || ${round}::text || '_' || row_number() over (), p.external_id, now(), 'USER_COMMENT',
      'Accord 440. PLS vérifié, humidité ' || row_number() over () || ' %'
    from (select external_id from gazelle_pianos order by md5(external_id || ${round}::text) limit ${newEntries}) p`;
}
