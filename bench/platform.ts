// The local platform (API, edge functions) over one of the bench's databases.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type Platform, startPlatform } from "../local/platform.ts";

/** Runs until `stack` is disposed of. */
export async function startPlatformOver(
  databaseUrl: string,
  stack: AsyncDisposableStack,
  environment: Record<string, string> = {},
): Promise<Platform> {
  const folder = await temporaryFolder(stack);
  const platform = await startPlatform({ folder, ports: { api: 0, database: 0 }, databaseUrl, environment });
  stack.defer(() => platform.stop());
  return platform;
}

/** Removed, with all that is in it, when `stack` is disposed of. */
export async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/etiquette-bench-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
