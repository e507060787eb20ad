// What the script of 2026-01-19 sent.

import type { SupabaseClient } from "@supabase/supabase-js";

export type Row = Record<string, unknown>;

/** The old script's clients: every column, `tags` always, as Gazelle has them. */
export function asTheOldScriptSaw({ id: _id, missing_since: _missing, ...row }: Row): Row {
  return row;
}

/** The old script's pianos: its query left these fields out, and its code wrote defaults for what it missed. */
export function withoutTheFieldsItForgot(row: Row): Row {
  return {
    ...asTheOldScriptSaw(row),
    location: "",
    notes: "",
    dampp_chaser_installed: false,
    dampp_chaser_humidistat_model: "",
    dampp_chaser_mfg_date: null,
  };
}

/** One REST upsert a row with the service key; a few at a time, only to save a person's time. */
export async function upsertEach(
  api: SupabaseClient,
  target: string,
  rows: Row[],
  signal: AbortSignal,
  progress: () => void,
): Promise<void> {
  const waiting = rows.values();
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (const row of waiting) {
      signal.throwIfAborted();
      const { error } = await api.from(target).upsert(row, { onConflict: "external_id" });
      if (error) throw new Error(`The upsert of ${row.external_id} into ${target} failed: ${error.message}`);
      progress();
    }
  }));
}
