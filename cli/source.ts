// Where the sync reads from: the real Gazelle when .env says so, else the double.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parse } from "dotenv";
import { type GazelleDouble, startGazelleDouble } from "../gazelle-double/server.ts";
import { claimPort } from "../local/ports.ts";
import { readSettings } from "../supabase/functions/_shared/gazelle/settings.ts";

export interface Source extends AsyncDisposable {
  name: string;
  url: string;
  /** What the functions must know to reach it: GAZELLE_*. */
  environment: Record<string, string>;
  /** Null when it is the real Gazelle. */
  double: GazelleDouble | null;
}

/** What tells that a person means the real Gazelle. */
const credentials = [
  "GAZELLE_API_KEY",
  "GAZELLE_CLIENT_ID",
  "GAZELLE_CLIENT_SECRET",
  "GAZELLE_REFRESH_TOKEN",
  "GAZELLE_ACCESS_TOKEN",
];

/** GAZELLE_* of the environment, and of the file where the environment has none. Empty ones do not count. */
export async function gazelleEnvironment(file = ".env"): Promise<Record<string, string>> {
  const written = await readFile(file, "utf8").then(parse, () => ({}));
  const all = { ...written, ...process.env };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => name.startsWith("GAZELLE_") && value?.trim()),
  ) as Record<string, string>;
}

/** @throws settings_invalid, with every mistake at once, when credentials are given and do not make sense */
export async function openSource(
  environment: Record<string, string>,
  port: number,
  scale = 1,
): Promise<Source> {
  if (credentials.some((name) => environment[name])) {
    const { url } = readSettings(environment);
    return { name: "Gazelle", url, environment, double: null, [Symbol.asyncDispose]: async () => {} };
  }
  const double = await startGazelleDouble({
    port: await claimPort(port, "the double of Gazelle", "--double-port"),
    scale,
  });
  return {
    name: "a double of Gazelle",
    url: double.url,
    environment: { GAZELLE_PAUSE_MS: "0", ...environment, ...doubleEnvironment(double) },
    double,
    [Symbol.asyncDispose]: () => double.stop(),
  };
}

/** What the functions need to know to reach the double with a good token. */
export function doubleEnvironment(double: GazelleDouble): Record<string, string> {
  return {
    GAZELLE_GRAPHQL_URL: double.url,
    GAZELLE_AUTHORIZE_URL: double.authorizeUrl,
    GAZELLE_TOKEN_URL: double.tokenUrl,
    GAZELLE_CLIENT_ID: double.clientId,
    GAZELLE_CLIENT_SECRET: double.clientSecret,
    GAZELLE_REFRESH_TOKEN: double.refreshToken,
    GAZELLE_ACCESS_TOKEN: double.accessToken,
  };
}
