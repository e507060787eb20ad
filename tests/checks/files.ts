import { readdir, readFile } from "node:fs/promises";

export interface SourceFile {
  /** From the project's root. */
  path: string;
  text: string;
}

const skipped = new Set(["node_modules", ".git", ".local", "dist", "package-lock.json", "deno.lock"]);
const texts = /\.(ts|sql|sum|md|json|toml|html|css|js|graphql|yml)$|(^|\/)(run|LICENSE|\.npmrc|\.gitignore)$/;

/** Every text that belongs to the project, links not followed. */
export async function listFiles(root: URL, folder = ""): Promise<SourceFile[]> {
  const entries = await readdir(new URL(folder, root), { withFileTypes: true });
  const found = entries.filter(({ name }) => !skipped.has(name)).map(async (entry): Promise<SourceFile[]> => {
    const path = folder + entry.name;
    if (entry.isDirectory()) return await listFiles(root, `${path}/`);
    if (!entry.isFile() || !texts.test(path)) return [];
    return [{ path, text: await readFile(new URL(path, root), "utf8") }];
  });
  return (await Promise.all(found)).flat().sort((a, b) => a.path < b.path ? -1 : 1);
}
