// The requests that the script of 2026-01-19 sent.

import type { SupabaseClient } from "@supabase/supabase-js";

export type Row = Record<string, unknown>;

/** A client as the old script sent it: every column as in Gazelle, always with `tags`. */
export function asTheOldScriptSaw({ id: _id, missing_since: _missing, ...row }: Row): Row {
  return row;
}

/** A piano as the old script sent it: its query left these fields out, and its code filled them with defaults. */
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

/** Sends one REST upsert for each row, with the service key. Four at a time, only to be quicker. */
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
