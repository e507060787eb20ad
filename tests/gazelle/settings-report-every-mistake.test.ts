import assert from "node:assert/strict";
import { asProblem } from "../../supabase/functions/_shared/problem.ts";
import { readSettings } from "../../supabase/functions/_shared/gazelle/settings.ts";
import type { Environment } from "../../supabase/functions/_shared/sync/settings.ts";

Deno.test("all mistakes are named at once, with what is allowed", () => {
  const problem = mistakes({
    GAZELLE_GRAPHQL_URL: "gazelle",
    GAZELLE_PAGE_SIZE: "5000",
    GAZELLE_PAUSE_MS: "soon",
    GAZELLE_CLIENT_ID: "shop",
  });
  assert.equal(problem.code, "settings_invalid");
  assert.deepEqual(problem.details?.split("\n").sort(), [
    "GAZELLE_CLIENT_SECRET is missing (or set GAZELLE_API_KEY instead)",
    "GAZELLE_GRAPHQL_URL must be an https URL",
    "GAZELLE_PAGE_SIZE must be a whole number from 1 to 500",
    "GAZELLE_PAUSE_MS must be a whole number from 0 to 60000",
  ]);
});

Deno.test("no value of a secret is ever told", () => {
  const problem = mistakes({ GAZELLE_API_KEY: "s3cret", GAZELLE_PAGE_SIZE: "0" });
  assert.match(problem.details ?? "", /GAZELLE_API_KEY is too short/);
  assert.doesNotMatch(JSON.stringify({ ...problem, message: problem.message }), /s3cret/);
});

Deno.test("an API key is enough, and an empty variable is one that is not set", () => {
  const settings = readSettings({ GAZELLE_API_KEY: "a-long-key", GAZELLE_PAGE_SIZE: "", PATH: "/bin" });
  assert.deepEqual(settings.credentials, { kind: "api_key", key: "a-long-key" });
  assert.equal(settings.pageSize, 100);
  assert.equal(settings.url, "https://gazelleapp.io/graphql/private/");
});

Deno.test("OAuth needs a client, and takes a refresh and an access token", () => {
  const oauth = {
    GAZELLE_CLIENT_ID: "shop",
    GAZELLE_CLIENT_SECRET: "a-long-secret",
    GAZELLE_REFRESH_TOKEN: "a-long-token",
  };
  const { credentials } = readSettings({ ...oauth, GAZELLE_ACCESS_TOKEN: "access-token" });
  assert.equal(credentials.kind === "oauth" && credentials.accessToken, "access-token");
  assert.equal(credentials.kind === "oauth" && credentials.refreshToken, "a-long-token");
});

function mistakes(env: Environment) {
  try {
    readSettings(env);
  } catch (thrown) {
    return asProblem(thrown);
  }
  throw new assert.AssertionError({ message: "these settings were taken as they are" });
}
