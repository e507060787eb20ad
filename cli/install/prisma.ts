// A project of Prisma: prisma/migrations/<time>_<subject>/migration.sql, or where its configuration says.

import { dirname, join } from "node:path";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import {
  exists,
  type Kind,
  namesIn,
  newestOf,
  readFirst,
  readIfThere,
  relative,
  setting,
  stamps,
} from "./place.ts";

const configs = ["ts", "mts", "js", "mjs"].map((ending) => `prisma.config.${ending}`);

export const prisma: Kind = {
  name: "prisma",
  sign: "prisma/schema.prisma",
  async find(project) {
    const config = await readFirst(project, configs);
    const schema = relative(
      setting(config?.text ?? "", "schema") ?? await ofPackage(project) ?? "prisma/schema.prisma",
    );
    if (!await exists(join(project, schema))) return null;
    refuseOthers(schema, await readIfThere(join(project, schema)) ?? "");
    const [, migrations = ""] = /\bmigrations\s*:\s*\{([^}]*)\}/.exec(config?.text ?? "") ?? [];
    const folder = relative(setting(migrations, "path") ?? join(dirname(schema), "migrations"));
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

/** Up to version 6 the place of the schema may stand in package.json. */
async function ofPackage(project: string): Promise<string | undefined> {
  const text = await readIfThere(join(project, "package.json"));
  const [, prisma = ""] = /"prisma"\s*:\s*\{([^}]*)\}/.exec(text ?? "") ?? [];
  return setting(prisma, "schema");
}

function refuseOthers(schema: string, text: string): void {
  const [, provider] = /^\s*datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"(\w+)"/m.exec(text) ?? [];
  if (provider === undefined || provider === "postgresql" || provider === "postgres") return;
  throw problem("project_not_postgres", `${schema} is for ${provider}, and the engine is for Postgres.`, {
    hint: "Name the folder of the project that is on Postgres: --folder",
  });
}
