// The settings of the sync, parsed from the environment: every mistake is reported at once, no value ever is.

import { z } from "zod";
import { problem } from "./errors.ts";
import { isLocal, refusedUrl } from "./urls.ts";

export type Environment = Record<string, string | undefined>;

export type ApiKey = { kind: "api_key"; key: string };

export type OAuth = {
  kind: "oauth";
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** Null where Gazelle is connected, and the token is in Vault alone. */
  refreshToken: string | null;
  accessToken: string | null;
};

export type Settings = {
  url: string;
  credentials: ApiKey | OAuth;
  /** Records a page. */
  pageSize: number;
  /** Milliseconds between two requests. */
  pauseMs: number;
  /** Milliseconds until a request counts as lost. */
  timeoutMs: number;
  /** How often a failed request is tried again. */
  retries: number;
  /** The first wait before trying again, in milliseconds; it doubles each time, with full jitter. */
  backoffMs: number;
};

/** What connecting needs. */
export type ConnectSettings = {
  authorizeUrl: string;
  tokenUrl: string;
  /** Where Gazelle sends people back to; it must be registered there. */
  redirectUrl: string;
  clientId: string;
  clientSecret: string;
  usesPkce: boolean;
  /** Milliseconds. */
  timeoutMs: number;
  /** The refresh token in the settings, which a connection displaces. */
  refreshToken: string | null;
};

const secret = z.string().min(8, "is too short to be one");

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
  GAZELLE_PAGE_SIZE: whole(1, 500).default(100),
  GAZELLE_PAUSE_MS: whole(0, 60_000).default(200),
  GAZELLE_TIMEOUT_MS: whole(1, 120_000).default(30_000),
  GAZELLE_RETRIES: whole(0, 10).default(4),
  GAZELLE_BACKOFF_MS: whole(1, 60_000).default(500),
});

type Parsed = z.infer<typeof variables>;

const environment = variables.superRefine(needsOneWayIn).superRefine(needsGoodAddresses);

/** @throws settings_invalid, with one line of details a mistake */
export function readSettings(env: Environment): Settings {
  const settings = parse(env);
  return {
    url: settings.GAZELLE_GRAPHQL_URL,
    credentials: credentialsOf(settings),
    pageSize: settings.GAZELLE_PAGE_SIZE,
    pauseMs: settings.GAZELLE_PAUSE_MS,
    timeoutMs: settings.GAZELLE_TIMEOUT_MS,
    retries: settings.GAZELLE_RETRIES,
    backoffMs: settings.GAZELLE_BACKOFF_MS,
  };
}

/** @throws settings_invalid, also where an API key goes before any connection */
export function readConnectSettings(env: Environment): ConnectSettings {
  const settings = parse(env);
  if (settings.GAZELLE_API_KEY) {
    throw problem("settings_invalid", "GAZELLE_API_KEY is set, which goes before a connection", {
      hint: "Gazelle is reached with it already. To connect instead, unset it first.",
    });
  }
  return {
    authorizeUrl: settings.GAZELLE_AUTHORIZE_URL,
    tokenUrl: settings.GAZELLE_TOKEN_URL,
    redirectUrl: settings.GAZELLE_REDIRECT_URL ?? `${settings.SUPABASE_URL}/functions/v1/connect-gazelle`,
    clientId: settings.GAZELLE_CLIENT_ID ?? "",
    clientSecret: settings.GAZELLE_CLIENT_SECRET ?? "",
    usesPkce: settings.GAZELLE_PKCE === "on",
    timeoutMs: settings.GAZELLE_TIMEOUT_MS,
    refreshToken: settings.GAZELLE_REFRESH_TOKEN ?? null,
  };
}

function parse(env: Environment): Parsed {
  const isOurs = (name: string) => name.startsWith("GAZELLE_") || name === "SUPABASE_URL";
  const given = Object.entries(env).filter(([name, value]) => isOurs(name) && value?.trim());
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw problem("settings_invalid", "the settings for Gazelle are not usable", {
    details: parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("\n"),
    hint:
      "Set these variables (locally in .env, hosted as the functions' secrets), then start the sync again.",
  });
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

function needsGoodAddresses(settings: Parsed, context: z.RefinementCtx): void {
  const addresses = [
    "GAZELLE_GRAPHQL_URL",
    "GAZELLE_AUTHORIZE_URL",
    "GAZELLE_TOKEN_URL",
    "GAZELLE_REDIRECT_URL",
  ] as const;
  for (const name of addresses) {
    const refused = settings[name] && refusedUrl(settings[name], isLocal(settings.SUPABASE_URL));
    if (refused) context.addIssue({ code: "custom", path: [name], message: refused });
  }
}

function whole(least: number, most: number) {
  const range = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d+$/, range).transform(Number).pipe(
    z.number().min(least, range).max(most, range),
  );
}
