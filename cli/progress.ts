// What goes on, on standard error: the output itself stays clean.

import process from "node:process";

export interface Progress {
  /** Displaced by what comes next; only a terminal shows it. */
  passing(text: string): void;
  /** A line that stays. */
  line(text: string): void;
}

export const silence: Progress = { passing: () => {}, line: () => {} };

export function openProgress(isSilent: boolean, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (isSilent) return silence;
  const clear = stream.isTTY ? "\r\x1b[2K" : "";
  return {
    passing: (text) => stream.isTTY && stream.write(clear + text),
    line: (text) => stream.write(`${clear}${text}\n`),
  };
}
