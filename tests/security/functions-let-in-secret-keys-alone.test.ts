import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { startChild } from "../../local/child.ts";
import type { FunctionsSettings } from "../../local/functions-main.ts";
import { functionEnvironment, type Keys, makeKeys } from "../../local/keys.ts";

const supabase = new URL("../../supabase/", import.meta.url);

/** What has to be answered without a key, and what proves the caller then. */
const open: Record<string, string[]> = {
  "connect-gazelle": ["GET"], // the state that Gazelle sends back
};

Deno.test("every function, by every method: no key, a public one, a wrong one or a user's token is 401", async (test) => {
  const names = await functionNames();
  assert.ok(names.includes("sync-all") && names.includes("connect-gazelle"));
  await using server = await functionServer();
  for (const name of names) {
    await test.step(name, async () => {
      for (const method of ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
        if (open[name]?.includes(method)) continue;
        for (const [who, headers] of Object.entries(strangers(server.keys))) {
          assert.equal(await statusOf(server, name, method, headers), 401, `${method} with ${who}`);
        }
      }
      for (const key of [server.keys.secretKey, server.keys.cronKey]) {
        assert.notEqual(await statusOf(server, name, "POST", { apikey: key }), 401);
      }
    });
  }
});

Deno.test("every function is in config.toml, where the platform's own check of tokens is off", async () => {
  const config = await readFile(new URL("config.toml", supabase), "utf8");
  for (const name of await functionNames()) {
    const [, section] = new RegExp(`^\\[functions\\.${name}\\]\\n((?:.+\\n)*)`, "m").exec(config) ?? [];
    assert.match(section ?? "", /^verify_jwt = false$/m, name);
    assert.match(section ?? "", new RegExp(`^entrypoint = "\\./functions/${name}/index\\.ts"$`, "m"));
  }
});

async function functionNames(): Promise<string[]> {
  const entries = await readdir(new URL("functions/", supabase), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("_")).map(({ name }) =>
    name
  );
}

/** A secret key of the project that no function names is not enough either. */
const unnamed = `sb_secret_${"u".repeat(32)}`;

function strangers(keys: Keys): Record<string, Record<string, string>> {
  const user = token({ sub: crypto.randomUUID(), role: "authenticated" }, keys.jwtSecret);
  const forged = token({ sub: crypto.randomUUID(), role: "service_role" }, "not the project's secret at all");
  return {
    "no key": {},
    "an empty key": { apikey: "" },
    "the publishable key": { apikey: keys.publishableKey },
    "a wrong key": { apikey: makeKeys().secretKey },
    "another secret key": { apikey: unnamed },
    "the secret key where a token belongs": { authorization: `Bearer ${keys.secretKey}` },
    "a user's token": { apikey: keys.publishableKey, authorization: `Bearer ${user}` },
    "a token that says it is the service's": { authorization: `Bearer ${forged}` },
    "a service's token of the project, for want of a key": {
      authorization: `Bearer ${token({ role: "service_role" }, keys.jwtSecret)}`,
    },
  };
}

function token(claims: Record<string, unknown>, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${
    part({ ...claims, aud: "authenticated", exp: expires })
  }`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

/** The functions as the platform runs them, with a database that does not answer: nobody gets so far. */
async function functionServer() {
  const folder = await mkdtemp(`${tmpdir()}/etiquette-functions-`);
  const script = new URL("../../local/functions-main.ts", import.meta.url);
  const child = startChild<FunctionsSettings, { port: number }>(
    script,
    "Functions",
    `${folder}/functions.log`,
  );
  const keys = makeKeys();
  const environment = functionEnvironment(keys, "http://127.0.0.1:9", "postgres://127.0.0.1:9");
  environment.SUPABASE_SECRET_KEYS = JSON.stringify({
    ...JSON.parse(environment.SUPABASE_SECRET_KEYS!),
    mobile: unnamed,
  });
  const { port } = await child.configure({
    directory: fileURLToPath(new URL("functions", supabase)),
    environment,
  });
  const stop = async () => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { keys, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

async function statusOf(
  { url }: { url: string },
  name: string,
  method: string,
  headers: Record<string, string>,
): Promise<number> {
  const response = await fetch(`${url}/${name}`, { method, headers });
  await response.body?.cancel();
  return response.status;
}
