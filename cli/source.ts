// Where the local platform's sync reads from: the real Gazelle if .env has credentials for it, else the double.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parse } from "dotenv";
import { type GazelleDouble, startGazelleDouble } from "../gazelle-double/server.ts";
import { claimPort } from "../local/ports.ts";
import { names } from "../supabase/functions/_shared/gazelle/names.ts";
import { knownNames, readSettings } from "../supabase/functions/_shared/gazelle/settings.ts";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { misnamed } from "../supabase/functions/_shared/sync/settings.ts";

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

/**
 * The GAZELLE_* settings of the environment and of a file; the environment goes first. Empty ones do not count.
 * @throws settings_invalid for what looks like a setting and is none: the double would be read in Gazelle's place
 */
export async function gazelleEnvironment(file = ".env"): Promise<Record<string, string>> {
  const written = parse(await readSettingsFile(file));
  const all = { ...written, ...process.env };
  const given = Object.fromEntries(
    Object.entries(all).filter(([name, value]) => name.startsWith("GAZELLE_") && value?.trim()),
  ) as Record<string, string>;
  const mistakes = misnamed(names, Object.keys(all), knownNames);
  if (!credentials.some((name) => given[name])) {
    const empty = credentials.filter((name) => name in written && process.env[name] === undefined);
    mistakes.push(...empty.map((name) => `${name} is empty in ${file}`));
  }
  if (mistakes.length > 0) throw notUsable(mistakes.join("\n"), `Correct them, there or in ${file}. `);
  return given;
}

/** Nothing if there is no such file. */
async function readSettingsFile(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw notUsable(`${file} cannot be read: ${error.message}`, "");
  });
  if (/[\0\ufffd]/.test(text)) throw notUsable(`${file} is no text in UTF-8`, "Save it as UTF-8. ");
  return text;
}

function notUsable(details: string, hint: string): Error {
  return problem("settings_invalid", "the settings for Gazelle are not usable", {
    details,
    hint: `${hint}Without credentials npm start reads the demo's double of Gazelle.`,
  });
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
