import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { localPlatform } from "../fixtures/local.ts";

const functions = fileURLToPath(new URL("../fixtures/functions", import.meta.url));

Deno.test("a function gets the request as it is, and its answer comes back as it is", async () => {
  await using platform = await localPlatform({ functions, environment: { GAZELLE_API_KEY: "k" } });
  const call = (init: RequestInit) => fetch(`${platform.url}/functions/v1/echo/deeper?a=1&b=%C3%A9`, init);
  const headers = { apikey: platform.cronKey, authorization: "Bearer mine", "x-own": "kept" };
  const response = await call({ method: "POST", body: "note é", headers });
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("x-answer"), "untouched");
  const seen = await response.json();
  assert.deepEqual([seen.path, seen.body, seen.calls], ["/echo/deeper?a=1&b=%C3%A9", "note é", 1]);
  for (const [name, value] of Object.entries(headers)) assert.equal(seen.headers[name], value);
  assert.deepEqual(seen.environment, [
    "GAZELLE_API_KEY",
    "SUPABASE_DB_URL",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_URL",
  ]);
  const again = await (await call({})).json();
  assert.equal(again.calls, 2, "the module stays loaded");

  const preflight = await call({ method: "OPTIONS" });
  assert.deepEqual([preflight.status, preflight.headers.get("x-preflight")], [204, "mine"]);
});

Deno.test("unknown, broken and crashing functions answer as when deployed, and are logged", async () => {
  await using platform = await localPlatform({ functions });
  const call = async (name: string) => {
    const response = await fetch(`${platform.url}/functions/v1/${name}`, { method: "POST" });
    return [response.status, (await response.json()).code];
  };
  assert.deepEqual(await call("nowhere"), [404, "NOT_FOUND"]);
  assert.deepEqual(await call("..%2Fecho"), [404, "NOT_FOUND"]);
  assert.deepEqual(await call("broken"), [503, "BOOT_ERROR"]);
  assert.deepEqual(await call("crash"), [500, "WORKER_ERROR"]);
  const log = await readFile(`${platform.folder}/log/functions.log`, "utf8");
  assert.match(log, /the crash of the fixture/);
  assert.match(log, /this module does not load/);
  const echo = await fetch(`${platform.url}/functions/v1/echo`);
  assert.equal(echo.status, 202, "the others go on");
  await echo.body?.cancel();
});
