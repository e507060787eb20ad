// Shows progress on standard error, so that standard output has the result alone.

import process from "node:process";
import { printable } from "./terminal.ts";

export interface Progress {
  /** Shown until something else is. Only on a terminal. */
  passing(text: string): void;
  /** A line that stays on the screen. */
  line(text: string): void;
}

export const silence: Progress = { passing: () => {}, line: () => {} };

export function openProgress(isSilent: boolean, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (isSilent) return silence;
  const clear = stream.isTTY ? "\r\x1b[2K" : "";
  return {
    passing: (text) => stream.isTTY && stream.write(clear + printable(text)),
    line: (text) => stream.write(`${clear}${printable(text)}\n`),
  };
}
