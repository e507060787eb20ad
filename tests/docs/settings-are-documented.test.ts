import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readConnectSettings, readSettings } from "../../supabase/functions/_shared/gazelle/settings.ts";
import { readDocument } from "./engine.ts";

const defaults = readSettings({ GAZELLE_API_KEY: "a-long-key" });
const connecting = readConnectSettings({
  SUPABASE_URL: "https://shop.supabase.co",
  GAZELLE_CLIENT_ID: "shop",
  GAZELLE_CLIENT_SECRET: "a-long-secret",
});

Deno.test("docs/architecture.md has every setting of the API client with its default", async () => {
  const rows = (await readDocument("architecture.md")).matchAll(/^\| `(GAZELLE_\w+)` \| `?([^|`]+)`? \|/gm);
  const documented = Object.fromEntries([...rows].map(([, name, value]) => [name, value!.trim()]));
  assert.deepEqual(documented, {
    GAZELLE_GRAPHQL_URL: defaults.url,
    GAZELLE_AUTHORIZE_URL: connecting.authorizeUrl,
    GAZELLE_TOKEN_URL: connecting.tokenUrl,
    GAZELLE_REDIRECT_URL: connecting.redirectUrl.replace("https://shop.supabase.co", "$SUPABASE_URL"),
    GAZELLE_PKCE: connecting.usesPkce ? "on" : "off",
    GAZELLE_ACCESS_TOKEN: "none",
    GAZELLE_PAGE_SIZE: String(defaults.pageSize),
    GAZELLE_PAUSE_MS: String(defaults.pauseMs),
    GAZELLE_TIMEOUT_MS: String(defaults.timeoutMs),
    GAZELLE_RETRIES: String(defaults.retries),
    GAZELLE_BACKOFF_MS: String(defaults.backoffMs),
  });
});

Deno.test("and README or document name every variable that is read", async () => {
  const file = new URL("../../supabase/functions/_shared/gazelle/settings.ts", import.meta.url);
  const read = [...(await readFile(file, "utf8")).matchAll(/^ {2}(GAZELLE_\w+):/gm)].map(([, name]) => name!);
  const texts = await readDocument("architecture.md") +
    await readFile(new URL("../../README.md", import.meta.url), "utf8");
  assert.ok(read.length > 8);
  assert.deepEqual(read.filter((name) => !texts.includes(name)), []);
});
