import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { prepareCluster } from "../../local/cluster.ts";
import { startPostgres, throwaway } from "../../local/postgres.ts";
import { binariesIn, findBinaries } from "../../local/postgres-binaries.ts";
import { placeOf, runAs } from "../../local/run-as.ts";
import { problemOf } from "../fixtures/problems.ts";

async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-postgres-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function query<T>(url: string, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return await run(sql).finally(() => sql.end({ timeout: 1 }));
}

Deno.test("the next start goes on with the data, and a second one beside it is refused", async () => {
  await using folder = await temporary();
  const options = { dataDir: `${folder.path}/data`, port: 0, settings: throwaway };
  const first = await startPostgres(options);
  await query(first.url, (sql) => sql`create table kept as select 'Étiquette' as name`);
  const second = await problemOf(startPostgres(options));
  assert.equal(second.code, "data_folder_in_use");
  assert.match(second.details, new RegExp(`port ${first.port}`));
  await first.stop();
  await first.stop();

  const again = await startPostgres(options);
  const [row] = await query(again.url, (sql) => sql`select name, lower(name) as lower from kept`);
  assert.deepEqual({ ...row }, { name: "Étiquette", lower: "étiquette" });
  await again.stop();
});

Deno.test("only the kept password opens the server, and only on this machine", async () => {
  await using folder = await temporary();
  const server = await startPostgres({ dataDir: `${folder.path}/data`, port: 0, settings: throwaway });
  const wrong = new URL(server.url);
  wrong.password = "guessed";
  const refused = await query(wrong.href, (sql) => sql`select 1`).catch((error) => error);
  assert.equal(refused.code, "28P01");
  const [row] = await query(server.url, (sql) => sql`show listen_addresses`);
  assert.equal(row?.listen_addresses, "127.0.0.1");
  const { mode } = await stat(`${folder.path}/data.password`);
  assert.equal(mode & 0o777, 0o600);
  await server.stop();
});

Deno.test("the mark of a killed server stops no start, even when its number was reused", async () => {
  await using folder = await temporary();
  const options = { dataDir: `${folder.path}/data`, port: 0, settings: throwaway };
  await (await startPostgres(options)).stop();
  await writeFile(`${folder.path}/data/postmaster.pid`, `${Deno.pid}\n${folder.path}/data\n`);
  const server = await startPostgres(options);
  await server.stop();
});

Deno.test("a busy port is named, with who holds it and how to choose another", async () => {
  await using folder = await temporary();
  const holder = createServer();
  await new Promise<void>((done) => holder.listen(0, "127.0.0.1", done));
  const { port } = holder.address() as { port: number };
  const busy = await problemOf(startPostgres({ dataDir: `${folder.path}/data`, port }));
  assert.deepEqual([busy.code, busy.message], ["port_busy", `Port ${port} for the database is taken.`]);
  if (Deno.build.os === "linux") assert.match(busy.details, new RegExp(`Process ${Deno.pid} `));
  assert.match(busy.hint, /--db-port/);
  await new Promise((done) => holder.close(done));
});

Deno.test("data of another version, foreign files, a missing binary: each one clear message", async () => {
  await using folder = await temporary();
  const dataDir = `${folder.path}/data`;
  await mkdir(dataDir);
  await writeFile(`${dataDir}/holiday.jpg`, "not a database");
  assert.equal((await problemOf(startPostgres({ dataDir, port: 0 }))).code, "data_folder_foreign");
  assert.equal(await readFile(`${dataDir}/holiday.jpg`, "utf8"), "not a database");

  const old = `${folder.path}/old`;
  await (await startPostgres({ dataDir: old, port: 0, settings: throwaway })).stop();
  await writeFile(`${old}/PG_VERSION`, "15\n");
  const version = await problemOf(startPostgres({ dataDir: old, port: 0 }));
  assert.equal(version.code, "data_folder_version");
  assert.match(version.message, /made by Postgres 15; this is Postgres 17/);

  const missing = await problemOf(findBinaries(new URL(`file://${folder.path}/`)));
  assert.equal(missing.code, "postgres_missing");
  assert.match(missing.hint, /npm ci/);
});

Deno.test("root hands the server to another user, or says that it cannot", async () => {
  const somebody = runAs(1000, null);
  assert.deepEqual(somebody.command("postgres", ["-D", "x"]), ["postgres", ["-D", "x"]]);
  assert.deepEqual(placeOf("/home/data", somebody), { cwd: "/", path: "/home/data" });
  const [program, args] = runAs(0, "/usr/bin/setpriv").command("postgres", ["-D", "x"]);
  assert.equal(program, "/usr/bin/setpriv");
  assert.ok(args.includes("--reuid=65534") && args.join(" ").endsWith("postgres -D x"));
  const refused = await problemOf(Promise.resolve().then(() => runAs(0, null)));
  assert.equal(refused.code, "root_without_setpriv");
  assert.match(refused.hint, /normal user/);
});

Deno.test("initdb's own words are told, and that its user needs a line in /etc/passwd", async () => {
  await using folder = await temporary();
  const binaries = { ...binariesIn(folder.path), build: "none", major: "17" };
  await mkdir(`${folder.path}/bin`);
  const words = "initdb: could not look up effective user ID 65534: user does not exist";
  await writeFile(binaries.initdb, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
  const refused = await problemOf(prepareCluster(`${folder.path}/data`, binaries, runAs(1000, null)));
  assert.deepEqual([refused.code, refused.details], ["initdb_failed", words]);
  assert.match(refused.hint, /\/etc\/passwd/);
});
