// A project of Prisma: prisma/migrations/<time>_<subject>/migration.sql.

import { join } from "node:path";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { exists, type Kind, namesIn, newestOf, readIfThere, stamps } from "./place.ts";

const schema = "prisma/schema.prisma";
const folder = "prisma/migrations";

export const prisma: Kind = {
  name: "prisma",
  sign: schema,
  async find(project) {
    const text = await readIfThere(join(project, schema));
    if (text === null) return null;
    refuseOthers(text);
    const names: string[] = [];
    for (const name of await namesIn(project, folder)) {
      if (await exists(join(project, folder, name, "migration.sql"))) names.push(name);
    }
    return {
      kind: "prisma",
      folder,
      names,
      files: (migrations, now) => {
        const times = stamps(migrations.length, now, newestOf(names));
        return Promise.resolve(migrations.map(({ subject, up }, place) => ({
          path: `${folder}/${times[place]}_${subject}/migration.sql`,
          text: up,
        })));
      },
      next: "npx prisma migrate deploy",
    };
  },
};

function refuseOthers(text: string): void {
  const [, provider] = /^\s*datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"(\w+)"/m.exec(text) ?? [];
  if (provider === undefined || provider === "postgresql" || provider === "postgres") return;
  throw problem("project_not_postgres", `${schema} is for ${provider}, and the engine is for Postgres.`);
}
