// Shows long work as steps with their progress.

import { Listr, type ListrTask } from "listr2";
import { oneLine, printable } from "./terminal.ts";

export interface Step<Context> {
  title: string;
  task(context: Context, show: Show): Promise<void>;
  /** If false, the next steps are done although this one failed. */
  exitOnError?: boolean;
  /** Whether it is passed over. */
  skip?(context: Context): boolean;
}

export type Steps<Context> = Step<Context>[];

/** What a step shows while it is done: another title, or a line below it. */
export interface Show {
  title(text: string): void;
  output(text: string): void;
}

/** Runs steps one after another, and shows their progress: a spinner on a terminal, plain lines elsewhere. */
export function runSteps<Context extends object>(
  steps: Steps<Context>,
  context: Context,
  isSilent = false,
): Promise<Context> {
  const tasks = steps.map(({ title, task, exitOnError, skip }): ListrTask<Context> => ({
    title,
    exitOnError,
    skip,
    task: (context, shown) =>
      task(context, {
        title: (text) => (shown.title = oneLine(text)),
        output: (text) => (shown.output = oneLine(text)),
      }).catch((error) => {
        // The step that failed is shown with it.
        if (error instanceof Error) error.message = printable(error.message);
        throw error;
      }),
  }));
  const list = new Listr(tasks, {
    renderer: isSilent ? "silent" : "default",
    fallbackRenderer: isSilent ? "silent" : "simple",
    // Ctrl-C is handled by the command line itself, which stops everything in order.
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, timer: undefined },
    concurrent: false,
  });
  return list.run(context);
}
