import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import process from "node:process";
import { problem } from "../supabase/functions/_shared/problem.ts";

/** Makes the folder of the local platform if it is missing. @throws folder_owner if it cannot be written */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(`${folder}/log`, { recursive: true });
    for (const path of [folder, `${folder}/log`]) await probe(`${path}/.probe`);
  } catch (error) {
    const owner = await stat(folder).then(({ uid }) => uid, () => null);
    throw problem("folder_owner", `${folder} cannot be written by this user (${process.getuid?.()}).`, {
      details: owner === 0 ? "It belongs to root: an earlier run was made as root." : String(error),
      hint: `Run as that user again, or hand it over: sudo chown -R "$(id -u)" ${folder}`,
    });
  }
}

/** Writes a file, which is a better test than the permissions of the folder. */
async function probe(path: string): Promise<void> {
  await writeFile(path, "");
  await rm(path);
}
