// Gazelle as a source: its streams are read through the client of its GraphQL API.

import { type Outside, type Readable, streamsOf } from "../sync/source.ts";
import { vaultStore } from "./auth/token-store.ts";
import { askingWhose } from "./account.ts";
import { type Ask, connectGazelle } from "./client.ts";
import type { Listing } from "./lists.ts";
import { names } from "./names.ts";
import { readSettings } from "./settings.ts";

export const stream = streamsOf<Ask, Readable<Ask> & Listing>(names, connect);

export type GazelleStream = ReturnType<typeof stream>;

function connect({ world, database, env }: Outside, deadline: number) {
  const settings = readSettings(env);
  const tokens = { store: vaultStore(database, world.sleep) };
  const { ask, account } = askingWhose(connectGazelle(settings, { ...world, tokens }, deadline));
  return { client: ask, pace: settings, account };
}
