// The settings for Gazelle: its addresses and our credentials.

import { z } from "zod";
import { problem } from "../problem.ts";
import { type Environment, type Pace, parseSettings, secret, settingNames } from "../sync/settings.ts";
import { names } from "./names.ts";

export type ApiKey = { kind: "api_key"; key: string };

export type OAuth = {
  kind: "oauth";
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** Null if Gazelle was connected by a person: then the token is only in Vault. */
  refreshToken: string | null;
  accessToken: string | null;
};

export type Settings = Pace & { url: string; credentials: ApiKey | OAuth };

/** The settings that are needed to connect Gazelle. */
export type ConnectSettings = {
  authorizeUrl: string;
  tokenUrl: string;
  /** Where Gazelle sends people back to. It must be registered with Gazelle. */
  redirectUrl: string;
  clientId: string;
  clientSecret: string;
  usesPkce: boolean;
  /** Milliseconds. */
  timeoutMs: number;
  /** The refresh token in the settings, which no longer counts after a connection. */
  refreshToken: string | null;
};

const variables = z.object({
  SUPABASE_URL: z.string().optional(),
  GAZELLE_GRAPHQL_URL: z.string().default("https://gazelleapp.io/graphql/private/"),
  GAZELLE_AUTHORIZE_URL: z.string().default("https://gazelleapp.io/developer/oauth/authorize"),
  GAZELLE_TOKEN_URL: z.string().default("https://gazelleapp.io/developer/oauth/token"),
  GAZELLE_REDIRECT_URL: z.string().optional(),
  GAZELLE_PKCE: z.enum(["on", "off"], "must be on or off").default("on"),
  GAZELLE_API_KEY: secret.optional(),
  GAZELLE_CLIENT_ID: z.string().optional(),
  GAZELLE_CLIENT_SECRET: secret.optional(),
  GAZELLE_REFRESH_TOKEN: secret.optional(),
  GAZELLE_ACCESS_TOKEN: secret.optional(),
});

type Parsed = z.infer<typeof variables>;

/** GAZELLE_*: those of the API and its credentials, and those of the pace. */
export const knownNames = settingNames(names, variables);

const checked = variables.superRefine(needsOneWayIn);

/** @throws settings_invalid, with one line of details for each mistake */
export function readSettings(env: Environment): Settings {
  const { own, pace } = parse(env);
  return { url: own.GAZELLE_GRAPHQL_URL, credentials: credentialsOf(own), ...pace };
}

/** @throws settings_invalid, also if an API key is set, which takes precedence over a connection */
export function readConnectSettings(env: Environment): ConnectSettings {
  const { own: settings, pace } = parse(env);
  if (settings.GAZELLE_API_KEY) {
    throw problem("settings_invalid", "GAZELLE_API_KEY is set, which goes before a connection", {
      hint: "Gazelle is reached with that key. To connect instead, unset it first.",
    });
  }
  return {
    authorizeUrl: settings.GAZELLE_AUTHORIZE_URL,
    tokenUrl: settings.GAZELLE_TOKEN_URL,
    redirectUrl: settings.GAZELLE_REDIRECT_URL ?? `${settings.SUPABASE_URL}/functions/v1/connect-gazelle`,
    clientId: settings.GAZELLE_CLIENT_ID ?? "",
    clientSecret: settings.GAZELLE_CLIENT_SECRET ?? "",
    usesPkce: settings.GAZELLE_PKCE === "on",
    timeoutMs: pace.timeoutMs,
    refreshToken: settings.GAZELLE_REFRESH_TOKEN ?? null,
  };
}

function parse(env: Environment): { own: Parsed; pace: Pace } {
  return parseSettings(names, env, checked, [
    "GAZELLE_GRAPHQL_URL",
    "GAZELLE_AUTHORIZE_URL",
    "GAZELLE_TOKEN_URL",
    "GAZELLE_REDIRECT_URL",
  ]);
}

function credentialsOf(settings: Parsed): ApiKey | OAuth {
  if (settings.GAZELLE_API_KEY) return { kind: "api_key", key: settings.GAZELLE_API_KEY };
  return {
    kind: "oauth",
    tokenUrl: settings.GAZELLE_TOKEN_URL,
    clientId: settings.GAZELLE_CLIENT_ID ?? "",
    clientSecret: settings.GAZELLE_CLIENT_SECRET ?? "",
    refreshToken: settings.GAZELLE_REFRESH_TOKEN ?? null,
    accessToken: settings.GAZELLE_ACCESS_TOKEN ?? null,
  };
}

function needsOneWayIn(settings: Parsed, context: z.RefinementCtx): void {
  if (settings.GAZELLE_API_KEY) return;
  const needed = ["GAZELLE_CLIENT_ID", "GAZELLE_CLIENT_SECRET"] as const;
  for (const name of needed.filter((name) => !settings[name])) {
    context.addIssue({
      code: "custom",
      path: [name],
      message: "is missing (or set GAZELLE_API_KEY instead)",
    });
  }
}
