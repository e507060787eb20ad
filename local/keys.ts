import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { problem } from "../supabase/functions/_shared/problem.ts";

export interface Keys {
  /** It is public: with it a caller is `anon`, or the signed-in user whose token is sent with it. */
  publishableKey: string;
  /** With either of these a caller is `service_role`. The schedule uses `cronKey`. */
  secretKey: string;
  cronKey: string;
  /** Signs the tokens of users. */
  jwtSecret: string;
}

export function makeKeys(): Keys {
  const random = () => randomBytes(24).toString("base64url");
  return {
    publishableKey: `sb_publishable_${random()}`,
    secretKey: `sb_secret_${random()}`,
    cronKey: `sb_secret_${random()}`,
    jwtSecret: randomBytes(32).toString("base64url"),
  };
}

/** Reads the keys from the file. If there is none, makes random keys in a file that only its owner may read. */
export async function loadKeys(path: string): Promise<Keys> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return null;
    throw unreadable(path, error.message);
  });
  if (text !== null) return parse(text, path);
  const keys = makeKeys();
  await writeFile(path, JSON.stringify(keys, null, 2) + "\n", { mode: 0o600 });
  await chmod(path, 0o600);
  return keys;
}

function parse(text: string, path: string): Keys {
  try {
    const keys = JSON.parse(text) as Keys;
    const names = Object.keys(makeKeys()) as (keyof Keys)[];
    if (names.every((name) => typeof keys[name] === "string" && keys[name] !== "")) return keys;
  } catch {
    // Reported below, like other content that cannot be used.
  }
  throw unreadable(path, "It does not hold the four keys.");
}

function unreadable(path: string, details: string): Error {
  return problem("keys_unreadable", `The keys in ${path} cannot be used.`, {
    details,
    hint: "Remove the file; new keys are made.",
  });
}

/** The variables that Supabase puts into the environment of every edge function. */
export function functionEnvironment(keys: Keys, url: string, databaseUrl: string): Record<string, string> {
  const signing = { kty: "oct", alg: "HS256", k: Buffer.from(keys.jwtSecret).toString("base64url") };
  return {
    SUPABASE_URL: url,
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey, cron: keys.cronKey }),
    SUPABASE_JWKS: JSON.stringify({ keys: [signing] }),
  };
}
