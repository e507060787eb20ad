// Shows long work as steps with their progress.

import { Listr, type ListrTask } from "listr2";

export type Steps<Context> = ListrTask<Context>[];

/** Runs steps one after another, and shows their progress: a spinner on a terminal, plain lines elsewhere. */
export function runSteps<Context extends object>(
  steps: Steps<Context>,
  context: Context,
  isSilent = false,
): Promise<Context> {
  const list = new Listr(steps, {
    renderer: isSilent ? "silent" : "default",
    fallbackRenderer: isSilent ? "silent" : "simple",
    // Ctrl-C is handled by the command line itself, which stops everything in order.
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, timer: undefined },
    concurrent: false,
  });
  return list.run(context);
}
