// Where the local platform's sync reads from: the real Gazelle if .env has credentials for it, else the double.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parse } from "dotenv";
import { type GazelleDouble, startGazelleDouble } from "../gazelle-double/server.ts";
import { claimPort } from "../local/ports.ts";
import { readSettings } from "../supabase/functions/_shared/gazelle/settings.ts";

export interface Source extends AsyncDisposable {
  name: string;
  url: string;
  /** The settings with which the functions reach it: GAZELLE_*. */
  environment: Record<string, string>;
  /** Null if it is the real Gazelle. */
  double: GazelleDouble | null;
}

/** If one of these is set, the real Gazelle is meant. */
const credentials = [
  "GAZELLE_API_KEY",
  "GAZELLE_CLIENT_ID",
  "GAZELLE_CLIENT_SECRET",
  "GAZELLE_REFRESH_TOKEN",
  "GAZELLE_ACCESS_TOKEN",
];

/** The GAZELLE_* settings of the environment and of a file; the environment goes first. Empty ones do not count. */
export async function gazelleEnvironment(file = ".env"): Promise<Record<string, string>> {
  const written = await readFile(file, "utf8").then(parse, () => ({}));
  const all = { ...written, ...process.env };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => name.startsWith("GAZELLE_") && value?.trim()),
  ) as Record<string, string>;
}

/** @throws settings_invalid, with all mistakes at once, if credentials are given and cannot be used */
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

/** The settings with which the functions reach the double, with a valid token. */
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
