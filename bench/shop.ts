// Fills the tables of pianos and timeline entries with the shop of the Gazelle double, as a sync would.

import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type postgres from "postgres";
import { piano } from "../gazelle-double/shop/pianos.ts";
import type { Shop } from "../gazelle-double/shop/shop.ts";
import { timelineEntry } from "../gazelle-double/shop/timeline.ts";

export interface ShopOptions {
  /** Changes the text of a note before it is written, so that no two notes are alike. */
  vary?: (note: string, entry: number) => string;
}

/**
 * Fills the tables, which must be empty, in the name of the sync. `sql` must be a single connection of a superuser,
 * because COPY writes to no table whose row security holds for the role.
 */
export async function fillShop(sql: postgres.Sql, shop: Shop, { vary }: ShopOptions = {}): Promise<void> {
  await sql`set ownership.writer = 'gazelle_sync'`;
  await copy(sql, "gazelle_pianos", shop.counts.piano, (index) => {
    const { id, clientId, damppChaserInstalled, damppChaserHumidistatModel, damppChaserMfgDate, notes } =
      piano(
        shop,
        index,
      );
    return {
      external_id: id,
      client_external_id: clientId,
      dampp_chaser_installed: damppChaserInstalled,
      dampp_chaser_humidistat_model: damppChaserHumidistatModel,
      dampp_chaser_mfg_date: damppChaserMfgDate,
      notes,
    };
  });
  await copy(sql, "gazelle_timeline_entries", shop.counts.timelineEntry, (index) => {
    const { id, clientId, pianoId, userId, occurredAt, type, summary, comment } = timelineEntry(shop, index);
    return {
      external_id: id,
      client_id: clientId,
      piano_id: pianoId,
      user_id: userId,
      occurred_at: occurredAt,
      entry_type: type,
      title: summary,
      description: vary && typeof comment === "string" ? vary(comment, index) : comment,
    };
  });
  await sql`reset ownership.writer`;
}

async function copy(
  sql: postgres.Sql,
  table: string,
  count: number,
  row: (index: number) => Record<string, unknown>,
): Promise<void> {
  const into = await sql`copy ${sql(table)} (${sql(Object.keys(row(0)))}) from stdin`.writable();
  await pipeline(Readable.from(chunks(count, row)), into);
}

const chunkSize = 500;

function* chunks(count: number, row: (index: number) => Record<string, unknown>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < count; from += chunkSize) {
    const size = Math.min(chunkSize, count - from);
    const lines = Array.from({ length: size }, (_, k) => Object.values(row(from + k)).map(cell).join("\t"));
    yield encoder.encode(`${lines.join("\n")}\n`);
  }
}

/** A value in the text format of COPY. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  return String(value).replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}
