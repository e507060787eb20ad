import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { exposedSchemas } from "../../local/config.ts";
import { functionEnvironment, loadKeys } from "../../local/keys.ts";
import { problemOf } from "../fixtures/problems.ts";

async function temporary() {
  const path = await mkdtemp(`${tmpdir()}/etiquette-keys-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

Deno.test("keys are made once, all different, and only their owner may read them", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/keys.json`;
  const keys = await loadKeys(path);
  assert.deepEqual(await loadKeys(path), keys);
  assert.equal(new Set(Object.values(keys)).size, 4);
  assert.match(keys.publishableKey, /^sb_publishable_[\w-]{32}$/);
  for (const key of [keys.secretKey, keys.cronKey]) assert.match(key, /^sb_secret_[\w-]{32}$/);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

Deno.test("a file that holds no keys is refused, not replaced", async () => {
  await using folder = await temporary();
  for (const text of ["", "{}", '{"secretKey": ""}', "["]) {
    await writeFile(`${folder.path}/keys.json`, text);
    const refused = await problemOf(loadKeys(`${folder.path}/keys.json`));
    assert.equal(refused.code, "keys_unreadable");
    assert.match(refused.hint, /Remove the file/);
  }
});

Deno.test("functions find the keys by their names, as on the hosted platform", () => {
  const keys = { publishableKey: "p", secretKey: "s", cronKey: "c", jwtSecret: "j" };
  const found = functionEnvironment(keys, "http://here", "postgres://there");
  assert.deepEqual(JSON.parse(found.SUPABASE_SECRET_KEYS!), { default: "s", cron: "c" });
  assert.deepEqual(JSON.parse(found.SUPABASE_PUBLISHABLE_KEYS!), { default: "p" });
  assert.equal(found.SUPABASE_URL, "http://here");
});

Deno.test("the API exposes the schemas of config.toml's [api], and public without one", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/config.toml`;
  assert.deepEqual(await exposedSchemas(path), ["public"]);
  await writeFile(
    path,
    '[db]\nschemas = ["no"]\n\n[api]\nport = 1\n# one\nschemas = [\n  "api", "public",\n]\n[x]\n',
  );
  assert.deepEqual(await exposedSchemas(path), ["api", "public"]);
  await writeFile(path, '[api]\nport = 1\n[other]\nschemas = ["no"]\n');
  assert.deepEqual(await exposedSchemas(path), ["public"]);
});
