import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { readDocument } from "../docs/engine.ts";
import { type OwnDatabase, ownDatabase } from "../fixtures/own-database.ts";
import { installedPackage, type Package } from "../fixtures/package.ts";

Deno.test("the npm package alone, in an empty folder: installed, protected in two commands, and taken out", async (test) => {
  await using pack = await installedPackage();
  await using database = await ownDatabase();
  const step = (name: string, play: (pack: Package, database: OwnDatabase) => Promise<void>) =>
    test.step(name, () => play(pack, database));
  await step("it is small, and brings neither Deno nor Postgres", isSmall);
  await step("two commands protect, and a sync loses nothing", twoCommandsProtect);
  await step("each verb of the engine does its work", eachVerbWorks);
  await step("it says what is installed, and installs nothing twice", saysWhatIsInstalled);
  await step("verbs of a clone say so", verbsOfAClone);
  await step("it is taken out, and the table is as it was", isTakenOut);
  await step("docs/install.md shows what is printed", printsWhatIsShown);
});

async function isSmall({ folder, size, etiquette }: Package): Promise<void> {
  assert.ok(size < 1_000_000, `${size} bytes`);
  const modules = (await readdir(`${folder}/node_modules`)).filter((name) => !name.startsWith("."));
  assert.ok(modules.length < 12 && !modules.some((name) => /deno|embedded|esbuild/.test(name)), `${modules}`);
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const npx = await promisify(execFile)("npx", ["--no", "--", "etiquette", "--version"], { cwd: folder });
  assert.equal(npx.stdout, `${version}\n`);
  const help = (await etiquette(["--help"])).printed;
  for (const verb of ["install", "uninstall", "protect", "verify"]) {
    assert.match(help, new RegExp(`^ {2}${verb} `, "m"));
  }
}

/** What a sync sends: the value that was there before, and blanks. */
const upsert = `
  insert into places (code, name, beds) values ('p1', '', 3), ('p3', 'new', 4)
  on conflict (code) do update set name = excluded.name, beds = excluded.beds`;

async function twoCommandsProtect(
  { etiquette }: Package,
  { url, owner, sql, sync }: OwnDatabase,
): Promise<void> {
  const installed = await etiquette(["install", "--engine", "--url", url]);
  assert.equal(installed.code, 0, installed.output);
  assert.match(installed.printed, new RegExp(`version 1, is in .*You are ${owner}, rank 100: a person`, "s"));
  const guarded = await etiquette(["protect", "places", "name", "--identity-key", "code"], at(url));
  assert.match(guarded.printed, /places +│ name +│ claim/, guarded.output);

  await sql`update places set name = 'by hand' where code = 'p1'`;
  await sync.unsafe(upsert);
  assert.deepEqual([...await sql`select code, name, beds from places order by 1`], [
    { code: "p1", name: "by hand", beds: 3 },
    { code: "p2", name: "another", beds: 2 },
    { code: "p3", name: "new", beds: 4 },
  ]);
}

async function eachVerbWorks(
  { folder, etiquette }: Package,
  { url, owner, syncUrl, sql }: OwnDatabase,
): Promise<void> {
  const say = async (...args: string[]) => {
    const { code, printed, output } = await etiquette(args, at(url));
    assert.equal(code, 0, output);
    return printed;
  };
  assert.match(
    await say("explain", "places", "p1", "name"),
    new RegExp(`Owned by ${owner}.*was kept out 1 times`, "s"),
  );
  assert.match(await say("history", "places", "p1"), /claimed .*from the source.*by hand/);
  assert.match(
    (await etiquette(["health"], at(url))).printed,
    /writer not registered on .*places by nightly_/,
  );
  await sql`select ownership.register_writer(${new URL(syncUrl).username}, 10)`;
  assert.match(await say("health"), /Everything that protects is in place/);
  assert.match(await say("verify"), /protected values +│ +1 │ +1 │ ok/);
  assert.match(await say("protect"), /places +│ name/);

  assert.match(await say("export", `${folder}/values.json`), /1 manual value is in/);
  const [mark] = await sql`select ownership.mark('before')::integer as id`;
  assert.match(await say("release", "places", "p1", "name"), /the source's again/);
  assert.equal((await sql`select name from places where code = 'p1'`)[0]!.name, "");
  assert.match(await say("restore", "--mark", String(mark!.id), "--people"), /would restore: 1/);
  assert.match(await say("import", `${folder}/values.json`), /Nothing is written yet/);
  await say("import", `${folder}/values.json`, "--apply");
  assert.equal((await sql`select name from places where code = 'p1'`)[0]!.name, "by hand");
}

async function saysWhatIsInstalled({ etiquette }: Package, { url, sql }: OwnDatabase): Promise<void> {
  const before =
    await sql`select xmin::text, proname from pg_proc where pronamespace = 'ownership'::regnamespace order by 1, 2`;
  const again = await etiquette(["install", "--database", url]);
  assert.match(again.printed, /already, version 1\. Nothing was changed\./);
  const after =
    await sql`select xmin::text, proname from pg_proc where pronamespace = 'ownership'::regnamespace order by 1, 2`;
  assert.deepEqual([...after], [...before]);
  assert.match(
    (await etiquette(["status"], at(url))).printed,
    /version 1, of app_owner_\w+, 1 protected column\./,
  );
}

async function verbsOfAClone({ etiquette }: Package): Promise<void> {
  const { code, output } = await etiquette(["sync", "clients", "--dry-run"]);
  assert.equal(code, 1);
  assert.match(output, /sync is a verb of the Gazelle sync.*\(needs_clone\).*npm ci && npx etiquette sync/s);
  assert.equal((await etiquette(["vrify"])).code, 2);
}

async function isTakenOut({ etiquette }: Package, { url, sql }: OwnDatabase): Promise<void> {
  const rows = [...await sql`select * from places order by 1`];
  assert.match(
    (await etiquette(["uninstall"], at(url))).printed,
    /1 protected column, 1 claim .*Nothing is dropped yet/s,
  );
  assert.equal((await sql`select count(*)::integer as n from ownership.policies`)[0]!.n, 1);
  assert.match((await etiquette(["uninstall", "--apply"], at(url))).printed, /^Gone from /);
  assert.deepEqual([...await sql`select * from places order by 1`], rows);
  const left = await sql`select nspname from pg_namespace where nspname like 'ownership%'
    union all select tgname from pg_trigger where tgrelid = 'places'::regclass`;
  assert.deepEqual([...left], []);
  assert.match((await etiquette(["uninstall", "--apply"], at(url))).printed, /There is no ownership engine/);
  assert.match((await etiquette(["health"], at(url))).output, /has no ownership engine.*etiquette install/s);
}

/** In a Supabase project below the folder with the package. */
async function printsWhatIsShown({ folder, etiquette }: Package, { url, owner }: OwnDatabase): Promise<void> {
  const project = `${folder}/project`;
  await mkdir(`${project}/supabase/migrations`, { recursive: true });
  await writeFile(`${project}/supabase/config.toml`, "");
  const [section = ""] = (await readDocument("install.md")).split(/^(?=## With the Gazelle sync)/m);
  const shown = [...section.matchAll(/```console\n([\s\S]*?)```/g)].map(([, block]) => block!).join("");
  const played: string[] = [];
  for (const [, words] of shown.matchAll(/^\$ npx etiquette (.*)$/gm)) {
    const args = words!.replaceAll('"$DATABASE_URL"', url).split(" ");
    const { printed, code, output } = await etiquette(args, {}, project);
    assert.equal(code, 0, output);
    played.push(`$ npx etiquette ${words}\n${printed}`);
  }
  assert.equal(played.length, 5);
  const alike = (text: string) =>
    text.replaceAll(owner, "app_owner").replaceAll(/\bin \w+ at [\w.]+:\d+/g, "in app at localhost:5432")
      .replaceAll(/\d{14}/g, "20261128190000").replaceAll(/[\d,]+ lines/g, "8,837 lines").replaceAll(
        /^Étiquette \S+,/gm,
        "Étiquette 0.1.0,",
      );
  assert.equal(alike(played.join("")), alike(shown));
}

const at = (url: string) => ({ ETIQUETTE_DATABASE_URL: url });
