import process from "node:process";
import { createInterface } from "node:readline";

const patience = 2_500;

/**
 * The child's side: reads the settings, starts, says so, and ends when its parent closes the pipe or is gone.
 */
export async function runChild<Settings>(
  start: (settings: Settings) => Promise<{ report: unknown; stop(): Promise<void> }>,
): Promise<never> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) process.exit(0);
  const running = await start(JSON.parse(first.value) as Settings);
  console.log(JSON.stringify(running.report));
  while (!(await lines.next()).done);
  // A request that hangs must not keep us here when our parent is gone.
  setTimeout(() => process.exit(0), patience);
  await running.stop();
  process.exit(0);
}
