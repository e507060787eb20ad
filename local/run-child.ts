import process from "node:process";
import { createInterface } from "node:readline";

const patience = 2_500;

/**
 * Runs in the child: reads the settings, starts, reports that it is ready, and ends when the parent closes the pipe
 * or has ended.
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
  // A request that hangs must not keep the child running after its parent.
  setTimeout(() => process.exit(0), patience);
  await running.stop();
  process.exit(0);
}
