import type { Finding } from "./deno.ts";
import type { SourceFile } from "./files.ts";

/** Only the engine itself uses what it keeps in its private schema; tests may break it there on purpose. */
export function usesThePrivateSchema({ path, text }: SourceFile): Finding[] {
  if (!/^(supabase\/(schemas|functions)|cli|local|gazelle-double)\//.test(path)) return [];
  if (path.startsWith("supabase/schemas/ownership/")) return [];
  return text.split("\n").flatMap((line, index) =>
    /\bownership_private\./.test(line)
      ? [{
        place: `${path}:${index + 1}`,
        message: "uses ownership_private: give it a function or a view in ownership",
      }]
      : []
  );
}
