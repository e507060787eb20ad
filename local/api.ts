import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { remembering, withDatabaseErrors } from "./api-errors.ts";
import { settingsAtOnce } from "./api-settings.ts";
import { apiTypes } from "./api-types.ts";
import type { Keys } from "./keys.ts";

export interface ApiOptions {
  databaseUrl: string;
  keys: Keys;
  /** Exposed schemas, the default one first. */
  schemas: string[];
}

export interface Api {
  /** Answers /rest/v1 and /auth/v1. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** The hosted API's limit, so that what is too slow there is too slow here. */
const statementTimeoutMs = 8_000;

/** REST and Auth over the database, each request in the role that its key or token stands for. */
export async function openApi({ databaseUrl, keys, schemas }: ApiOptions): Promise<Api> {
  const connection = connect(databaseUrl);
  const app = new App({
    connection,
    auth: { enabled: true, jwt_secret: keys.jwtSecret },
    api: { schemas },
    options: { server: { disableStudio: true, apiKeys: { resolver: (key: string) => resolve(key, keys) } } },
  });
  await app.ensureSystemSchema();
  return {
    fetch: withDatabaseErrors(async (request) => await app.fetch(request)),
    close: () => connection.close(),
  };
}

function connect(url: string) {
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max: 5,
      onnotice: () => {},
      connection: { statement_timeout: statementTimeoutMs },
      types: apiTypes,
    },
  });
  // Left to find out by itself whether row level security is in use, it grants everything on every table to
  // the API roles. Told beforehand, it switches roles and grants nothing.
  Object.assign(connection, { rlsState: "active" }, settingsAtOnce);
  const withContext = connection.withContext.bind(connection);
  connection.withContext = (vars, run, options) => remembering(() => withContext(vars, run, options));
  return connection;
}

function resolve(key: string, keys: Keys) {
  if (key === keys.publishableKey) {
    return Promise.resolve({ type: "publishable" as const, claims: { role: "anon" } });
  }
  const secret = key === keys.secretKey || key === keys.cronKey;
  return Promise.resolve(secret ? { type: "secret" as const, claims: { role: "service_role" } } : null);
}
