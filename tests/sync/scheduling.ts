// What the tests of the schedule share: a small shop on schedule, and minutes that pass when a test says so.

import { createScheduler, type Scheduler } from "../../local/scheduler.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop } from "../fixtures/syncing.ts";

export interface ScheduledShop extends TestPlatform {
  scheduler: Scheduler;
  /** The minute at this time of the day passes, and what it queued is answered. */
  pass(time: string): Promise<void>;
}

export async function scheduledShop(environment: Record<string, string> = {}): Promise<ScheduledShop> {
  await using stack = new AsyncDisposableStack();
  const platform = stack.use(await smallShop(environment));
  await platform.sql`select sync.schedule()`;
  const scheduler = stack.use(createScheduler(platform.databaseUrl));
  const owned = stack.move();
  return {
    ...platform,
    scheduler,
    pass: (time) => scheduler.tick(new Date(`2026-11-23T${time}:20Z`)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
