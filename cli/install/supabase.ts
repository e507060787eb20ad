// A project of the Supabase CLI: supabase/migrations/<time>_<subject>.sql.

import { join } from "node:path";
import { supabase as cli } from "../supabase.ts";
import { exists, type Kind, namesIn, newestOf, stamps } from "./place.ts";

const folder = "supabase/migrations";

export const supabase: Kind = {
  name: "supabase",
  sign: "supabase/config.toml",
  async find(project) {
    if (!await exists(join(project, "supabase/config.toml"))) return null;
    const names = (await namesIn(project, folder)).filter((name) => name.endsWith(".sql"))
      .map((name) => name.replace(/\.sql$/, ""));
    return {
      kind: "supabase",
      folder,
      names,
      files: (migrations, now) => {
        const times = stamps(migrations.length, now, newestOf(names));
        return Promise.resolve(migrations.map(({ subject, up }, place) => ({
          path: `${folder}/${times[place]}_${subject}.sql`,
          text: up,
        })));
      },
      next: `${cli} db push --remote`,
    };
  },
};
