// How long detection takes over a whole shop, and over what came since.

import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { plsFromNotes } from "../gazelle-double/shop/pls.ts";
import { createShop, type Shop } from "../gazelle-double/shop/shop.ts";
import { applyMigrations, applyPlatform } from "../local/migrations.ts";
import type { Clock } from "./cost.ts";
import type { BenchServer } from "./database.ts";
import { median } from "./measure.ts";
import { fillShop } from "./shop.ts";

export interface Speed {
  name: string;
  unit: "ms";
  value: number;
  limit: number;
  /** Within the limit, and the badges are the right ones. */
  ok: boolean;
}

const rounds = 5;
const newEntries = 100;
const incrementalLimit = 100;

/** First pass and incremental passes over a shop of the double's, `scale` times a real one. */
export async function* speeds(
  server: BenchServer,
  scale: number,
  limit: number,
  clock: Clock,
): AsyncGenerator<Speed> {
  const shop = createShop({ scale });
  const entries = shop.counts.timelineEntry.toLocaleString("en-CA");
  const name = await server.template(`pls_${scale}`, (sql) => prepare(sql, shop), "template0");
  await using database = await server.copy(name);
  const { person: sql } = database;

  const start = clock();
  const [first] = await sql`select detect_pls() as report`;
  const passed = clock() - start;
  const isRight = first?.report.badges_set === [...plsFromNotes(shop)].length;
  yield measure(`first pass over ${entries} entries`, passed, limit, isRight);

  await sql`vacuum analyze pls_evidence`;
  const times: number[] = [];
  let read = 0;
  for (let round = 0; round < rounds; round++) {
    await addEntries(sql, round);
    const start = clock();
    const [pass] = await sql`select detect_pls() as report`;
    times.push(clock() - start);
    read += pass?.report.notes_read;
  }
  const readAll = read === rounds * newEntries;
  yield measure(
    `${newEntries} new entries beside ${entries}`,
    median(times),
    incrementalLimit,
    readAll,
  );
  await server.drop(name);
}

function measure(name: string, value: number, limit: number, isRight: boolean): Speed {
  return { name, unit: "ms", value, limit, ok: isRight && value <= limit };
}

/** Everything of this project, in an empty database. */
export async function install(sql: postgres.Sql): Promise<void> {
  await applyPlatform(sql);
  await applyMigrations(sql, fileURLToPath(new URL("../supabase/migrations", import.meta.url)));
}

async function prepare(sql: postgres.Sql, shop: Shop): Promise<void> {
  await install(sql);
  // A shop repeats its sentences, which makes them cheap to judge. Here no two are alike: the worst case.
  const vary = (note: string, entry: number) => note.replaceAll(/(?=[.!;\n]|$)/g, ` ${entry.toString(36)}`);
  await fillShop(sql, shop, { vary });
}

/** A day's notes, each worth reading, for pianos all over the shop. */
async function addEntries(sql: postgres.Sql, round: number): Promise<void> {
  await sql`
    insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
    select 'tme_new_' || ${round}::text || '_' || row_number() over (), p.external_id, now(), 'USER_COMMENT',
      'Accord 440. PLS vérifié, humidité ' || row_number() over () || ' %'
    from (select external_id from gazelle_pianos order by md5(external_id || ${round}::text) limit ${newEntries}) p`;
}
