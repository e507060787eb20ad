import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { readDocument } from "../docs/engine.ts";
import { testDatabase } from "../fixtures/database.ts";
import { type Access, callers, schemas, tryAccess } from "./access.ts";

const hint = "look at what changed, then renew it with `UPDATE_DOCS=1 npm test -- callers-may-do-what`";

Deno.test("visitors, signed-in users and programs may do what docs/access.md says, and nothing else", async () => {
  await using database = await testDatabase();
  const found = await tryAccess(database);
  const text = render(found);
  if (process.env["UPDATE_DOCS"] !== undefined) {
    await writeFile(new URL("../../docs/access.md", import.meta.url), text);
  }
  assert.equal(await readDocument("access.md"), text, hint);
  const visited = found.filter(({ may }) => may.anon !== "").map(({ schema, name }) => `${schema}.${name}`);
  assert.deepEqual(
    visited.map((name) => name.replace(/\(.*/, "")),
    ["ownership.whoami"],
    "what a visitor may do",
  );

  await database.sql`grant select on gazelle_users to anon`;
  await database.sql`create function public.leak() returns text language sql return 'open to everybody'`;
  const opened = (await tryAccess(database)).filter(({ may }) => may.anon !== "").map(({ name }) => name);
  assert.deepEqual(
    opened.sort(),
    ["gazelle_users", "leak()", ...visited.map((name) => name.split(".")[1])].sort(),
  );
});

const introduction = `# Access

Who may do what, tried as each kind of caller over a real connection. \`UPDATE_DOCS=1 npm test -- callers-may-do-what\` writes this page, and a
test fails when it is not so. The API exposes the schema \`public\` alone; rights in the other schemas are for SQL, and for the views and functions
of \`public\` that use them. Row level security adds that a signed-in user sees rows only with a user's token.
`;

function render(found: Access[]): string {
  const bySchema = Map.groupBy(found, ({ schema }) => schema);
  const parts = [...bySchema].sort(([one], [other]) => place(one) - place(other)).map(
    ([schema, subjects]) => {
      // Of what is exposed, everything is listed; of the rest what somebody reaches.
      const listed = subjects.filter(({ may }) =>
        schema === "public" || Object.values(may).some((verbs) => verbs !== "")
      );
      const all = listed.length === 0 ? "Everything" : "Everything else";
      const rest = listed.length < subjects.length ? `${all} in it is closed to all three.\n` : "";
      return `## ${schema}\n\n${
        [table("relation", listed), table("function", listed), rest].filter(Boolean).join("\n")
      }`;
    },
  );
  return [introduction, ...parts].join("\n");
}

const place = (schema: string) => schemas.indexOf(schema);

function table(kind: Access["kind"], subjects: Access[]): string {
  const rows = subjects.filter((subject) => subject.kind === kind);
  if (rows.length === 0) return "";
  const head = [kind === "relation" ? "Relation" : "Function", ...Object.values(callers)];
  const cells = rows.map(({ name, may }) => [`\`${name}\``, ...Object.values(may)]);
  return [head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |\n`).join("");
}
