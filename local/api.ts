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

/** The limit of the hosted API, so that a call that is too slow there fails here too. */
const statementTimeoutMs = 8_000;

/** Serves REST and Auth over the database. Each request runs in the role that its key or token stands for. */
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
  // If the library has to find out whether row level security is used, it grants the API roles everything on
  // every table. If it is told so, it switches roles and grants nothing.
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
