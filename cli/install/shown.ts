// The files of a project of one's own, as they are shown before and after they are written.

import type { Planned } from "./project.ts";

export function shownFiles({ kind, folder, files, next, applied }: Planned & { applied: boolean }): string {
  return [
    `${applied ? "Written" : "Would be written"} into ${folder} (${kind}):`,
    ...files.map(({ path, text, replaces }) =>
      `  ${path}, ${sizeOf(text)}${replaces ? ", one entry more" : ""}`
    ),
    applied ? `Now commit it, and run it: ${next}` : "Nothing is written yet: --apply does it.",
  ].join("\n");
}

function sizeOf(text: string): string {
  const lines = text.split("\n").length - 1;
  return lines > 1 ? `${lines.toLocaleString("en-CA")} lines` : text.trim();
}
