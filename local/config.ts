import { readFile } from "node:fs/promises";

/** `schemas` of the `[api]` section of supabase/config.toml, the default one first. */
export async function exposedSchemas(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [, section = ""] = /^\[api\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text) ?? [];
  const [, list] = /^\s*schemas\s*=\s*\[([^\]]*)\]/m.exec(section) ?? [];
  if (list === undefined) return ["public"];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name!);
}
