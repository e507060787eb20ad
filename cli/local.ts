// Finds the local platform by the files in its folder, where it writes its address, its port and its keys.

import { readFile } from "node:fs/promises";
import { problem } from "../supabase/functions/_shared/problem.ts";

/** @throws no_platform */
export async function localApi(folder: string): Promise<{ url: string; secretKey: string }> {
  try {
    const [lock, keys] = await Promise.all([`${folder}/lock`, `${folder}/keys.json`].map(readJson));
    return { url: lock!.url!, secretKey: keys!.secretKey! };
  } catch {
    throw noPlatform(folder);
  }
}

/** While Postgres runs, its port is in a file of its data folder. @throws no_platform */
export async function localDatabase(folder: string): Promise<string> {
  const read = (name: string) => readFile(`${folder}/${name}`, "utf8");
  try {
    const [password, mark] = await Promise.all([read("postgres.password"), read("postgres/postmaster.pid")]);
    return `postgres://postgres:${password.trim()}@127.0.0.1:${mark.split("\n")[3]}/postgres`;
  } catch {
    throw noPlatform(folder);
  }
}

async function readJson(path: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(path, "utf8"));
}

function noPlatform(folder: string): Error {
  return problem("no_platform", `No local platform runs on ${folder}.`, {
    hint:
      "Name a project: --database postgres://…, or --url https://… with ETIQUETTE_SECRET_KEY. In a clone, npm start starts one.",
  });
}
