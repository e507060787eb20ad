// Writes new files into a project of the user's own: all of them or none.

import { execFile } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { messageOf, problem } from "../../supabase/functions/_shared/problem.ts";
import { exists, type NewFile } from "./place.ts";

/** @throws uncommitted_changes, folder_unwritable */
export async function writeFiles(project: string, folder: string, files: NewFile[]): Promise<void> {
  await refuseUncommitted(project, folder);
  const made: string[] = [];
  try {
    for (const { path, text } of files) {
      const first = await mkdir(dirname(join(project, path)), { recursive: true });
      if (first !== undefined) made.push(first);
      made.push(join(project, `${path}.part`));
      await writeFile(join(project, `${path}.part`), text);
    }
    for (const { path, replaces } of files) {
      const target = join(project, path);
      if (!replaces && await exists(target)) throw new Error(`${path} is there already.`);
      await rename(`${target}.part`, target);
      if (!replaces) made.push(target);
    }
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true }).catch(() => {});
    throw problem("folder_unwritable", `${join(project, folder)} cannot be written. Nothing was changed.`, {
      details: messageOf(error),
      hint: "Run it as the user to whom the folder belongs, or make room for it. Then type the same again.",
    });
  }
}

/** What is in the repository can be brought back, and what is written now can be told from it. */
async function refuseUncommitted(project: string, folder: string): Promise<void> {
  const status = ["-C", project, "status", "--porcelain", "--", folder];
  // Without git, or outside of a repository, there is nothing to ask.
  const { stdout } = await promisify(execFile)("git", status).catch(() => ({ stdout: "" }));
  if (stdout === "") return;
  throw problem("uncommitted_changes", `${folder} has changes that are not committed. Nothing was written.`, {
    details: stdout.trimEnd(),
    hint:
      `Commit them first, or put them aside: git stash --include-untracked -- ${folder}. Then type the same again.`,
  });
}
