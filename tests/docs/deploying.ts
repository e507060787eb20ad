// A reader of docs/deploy.md, who has a clone, an empty account, and a shop in a double of Gazelle.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { startGazelleDouble } from "../../gazelle-double/server.ts";
import { createScheduler } from "../../local/scheduler.ts";
import { root } from "../cli/etiquette.ts";
import { consent, open } from "../fixtures/connecting.ts";
import { layOutCommands, playGuide } from "./guide.ts";
import { type AccountOptions, openAccount, type Project, ref } from "./supabase-stand-in.ts";

export interface ReaderOfGuide extends AsyncDisposable {
  /** Types the blocks of one way; the text comes back with what they print. */
  play(markdown: string, way: "api-key" | "connection"): Promise<string>;
  project(): Project;
}

export async function arrive(real?: AccountOptions["real"]): Promise<ReaderOfGuide> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(`${tmpdir()}/etiquette-deploy-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await cp(`${root}supabase`, `${folder}/supabase`, { recursive: true });
  await layOutCommands(folder);
  const double = await startGazelleDouble({ port: 0, scale: 0.2 });
  stack.defer(() => double.stop());
  const environment = {
    GAZELLE_GRAPHQL_URL: double.url,
    GAZELLE_AUTHORIZE_URL: double.authorizeUrl,
    GAZELLE_TOKEN_URL: double.tokenUrl,
    GAZELLE_PAUSE_MS: "0",
  };
  const account = stack.use(await openAccount({ folder, environment, real }));
  const project = () => account.project ?? fail();

  /** What a reader copies out of his browser, his head, and the lines before. */
  const values = () => ({
    ORGANISATION: "shop-org",
    DATABASE_PASSWORD: "abcdefghij0123456789",
    PROJECT: ref,
    GAZELLE_API_KEY: double.apiKey,
    GAZELLE_CLIENT_ID: double.clientId,
    GAZELLE_CLIENT_SECRET: double.clientSecret,
    ...(account.project && {
      ETIQUETTE_SECRET_KEY: project().platform.secretKey,
      ETIQUETTE_DATABASE_URL: project().database.url,
      CRON_SECRET_KEY: project().platform.cronKey,
    }),
  });
  const rewritten = (): Record<string, string> =>
    account.project ? { "https://$PROJECT.supabase.co": project().platform.url } : {};
  /** Whoever is shown an address of Gazelle opens it. */
  const onOutput = (text: string) => {
    const [url] = text.match(/http:\S+authorize\S+/) ?? [];
    if (url !== undefined) void consent({ url }).then(open);
  };
  const reader = { folder, values, rewritten, cli: account.address, onOutput };
  const owned = stack.move();
  return {
    play: (markdown, way) => playGuide(markdown, way, reader),
    project,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Types the guide up to where the schedule has called for the first time, and what comes after that. */
export async function reachSchedule(reader: ReaderOfGuide, guide: string): Promise<string> {
  const [before = "", after = ""] = guide.split(/(?=^## 8\.)/m);
  const played = await reader.play(before, "api-key");
  const { sql, url } = reader.project().database;
  await using scheduler = createScheduler(url);
  await scheduler.tick(new Date("2026-11-23T09:05:00Z"));
  // The next minute's jobs read what was answered.
  await scheduler.tick(new Date("2026-11-23T09:06:00Z"));
  const [run] = await sql`select stream, status, started_by from sync.runs order by id desc limit 1`;
  assert.deepEqual({ ...run }, { stream: "clients", status: "complete", started_by: "key cron" });
  return played + await reader.play(after, "api-key");
}

function fail(): never {
  throw new Error("The project is not created yet.");
}
