// The settings of the sync, parsed from the environment: every mistake is reported at once, no value ever is.

import { z } from "zod";
import { problem } from "./errors.ts";

export type Environment = Record<string, string | undefined>;

export type ApiKey = { kind: "api_key"; key: string };

export type OAuth = {
  kind: "oauth";
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
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

const url = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const secret = z.string().min(8, "is too short to be one");

const environment = z.object({
  GAZELLE_GRAPHQL_URL: url.default("https://gazelleapp.io/graphql/private/"),
  GAZELLE_TOKEN_URL: url.default("https://gazelleapp.io/developer/oauth/token"),
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
}).superRefine(needsOneWayIn);

type Parsed = z.infer<typeof environment>;

/** @throws settings_invalid, with one line of details a mistake */
export function readSettings(env: Environment): Settings {
  const given = Object.entries(env).filter(([name, value]) => name.startsWith("GAZELLE_") && value?.trim());
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw problem("settings_invalid", "the settings for Gazelle are not usable", {
      details: parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("\n"),
      hint:
        "Set these variables (locally in .env, hosted as the functions' secrets), then start the sync again.",
    });
  }
  return {
    url: parsed.data.GAZELLE_GRAPHQL_URL,
    credentials: credentialsOf(parsed.data),
    pageSize: parsed.data.GAZELLE_PAGE_SIZE,
    pauseMs: parsed.data.GAZELLE_PAUSE_MS,
    timeoutMs: parsed.data.GAZELLE_TIMEOUT_MS,
    retries: parsed.data.GAZELLE_RETRIES,
    backoffMs: parsed.data.GAZELLE_BACKOFF_MS,
  };
}

function credentialsOf(settings: Parsed): ApiKey | OAuth {
  if (settings.GAZELLE_API_KEY) return { kind: "api_key", key: settings.GAZELLE_API_KEY };
  return {
    kind: "oauth",
    tokenUrl: settings.GAZELLE_TOKEN_URL,
    clientId: settings.GAZELLE_CLIENT_ID ?? "",
    clientSecret: settings.GAZELLE_CLIENT_SECRET ?? "",
    refreshToken: settings.GAZELLE_REFRESH_TOKEN ?? "",
    accessToken: settings.GAZELLE_ACCESS_TOKEN ?? null,
  };
}

function needsOneWayIn(settings: Parsed, context: z.RefinementCtx): void {
  if (settings.GAZELLE_API_KEY) return;
  const needed = ["GAZELLE_CLIENT_ID", "GAZELLE_CLIENT_SECRET", "GAZELLE_REFRESH_TOKEN"] as const;
  for (const name of needed.filter((name) => !settings[name])) {
    context.addIssue({
      code: "custom",
      path: [name],
      message: "is missing (or set GAZELLE_API_KEY instead)",
    });
  }
}

function whole(least: number, most: number) {
  const range = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d+$/, range).transform(Number).pipe(
    z.number().min(least, range).max(most, range),
  );
}
