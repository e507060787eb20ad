import assert from "node:assert/strict";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { type Binaries, binariesIn } from "../../local/postgres-binaries.ts";
import { reachableBinaries } from "../../local/postgres-copy.ts";
import { runAs } from "../../local/run-as.ts";
import { problemOf } from "../fixtures/problems.ts";

/** Open to all, as /tmp is, for what lies in it is tried as another user. */
async function temporary() {
  const path = await mkdtemp("/tmp/etiquette-binaries-");
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const program = "#!/bin/sh\necho 17\n";

/** What looks like binaries of Postgres, as root installs them under umask 077. */
async function installed(folder: string): Promise<Binaries> {
  const binaries = { ...binariesIn(folder), build: "violin-17.1", major: "17" };
  for (const name of ["bin", "lib", "share/postgresql"]) {
    await mkdir(`${folder}/${name}`, { recursive: true, mode: 0o700 });
  }
  await chmod(folder, 0o700);
  await writeFile(binaries.initdb, program, { mode: 0o700 });
  await writeFile(binaries.postgres, program, { mode: 0o700 });
  await writeFile(`${folder}/lib/libpq.so.5.17`, "pq", { mode: 0o600 });
  await symlink("libpq.so.5.17", `${folder}/lib/libpq.so`);
  await writeFile(`${folder}/share/postgresql/postgres.bki`, "bki", { mode: 0o600 });
  return binaries;
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;
const ignore = Deno.build.os !== "linux" || process.getuid?.() !== 0;

Deno.test(
  "binaries that the other user cannot run are copied once, for all to read",
  { ignore },
  async () => {
    await using folder = await temporary();
    const found = await installed(`${folder.path}/native`);
    const cache = `${folder.path}/cache`;
    const umask = process.umask(0o077);
    const [copy, other] = await Promise.all([1, 2].map(() => reachableBinaries(found, runAs(), [cache])))
      .finally(() => process.umask(umask));
    assert.equal(copy!.folder, `${cache}/postgres-violin-17.1`);
    assert.deepEqual([other, await readdir(cache)], [copy, ["postgres-violin-17.1"]]);
    for (const path of [cache, copy!.folder, `${copy!.folder}/lib`, copy!.initdb, copy!.postgres]) {
      assert.deepEqual([path, await modeOf(path)], [path, 0o755]);
    }
    assert.equal(await modeOf(`${copy!.folder}/lib/libpq.so`), 0o644);
    assert.equal(await modeOf(found.postgres), 0o700, "the installed ones stay as they are");

    const { ino } = await stat(copy!.folder);
    await reachableBinaries(found, runAs(), [cache]);
    assert.equal((await stat(copy!.folder)).ino, ino, "the second start makes no copy");
    await rm(`${copy!.folder}/lib/libpq.so.5.17`);
    await reachableBinaries(found, runAs(), [cache]);
    assert.equal(await readFile(`${copy!.folder}/lib/libpq.so`, "utf8"), "pq", "what was lost is back");
    assert.deepEqual(await readdir(cache), ["postgres-violin-17.1"]);
  },
);

Deno.test("binaries that the other user can run are used where they are", { ignore }, async () => {
  await using folder = await temporary();
  const found = await installed(`${folder.path}/native`);
  const cache = `${folder.path}/cache`;
  for (const name of await readdir(found.folder, { recursive: true })) {
    await chmod(`${found.folder}/${name}`, 0o755);
  }
  await chmod(found.folder, 0o755);
  assert.equal(await reachableBinaries(found, runAs(), [cache]), found);
  await chmod(`${found.folder}/share/postgresql/postgres.bki`, 0o600);
  assert.equal((await reachableBinaries(found, runAs(), [cache])).folder, `${cache}/postgres-violin-17.1`);
  assert.equal(await reachableBinaries(found, runAs(1000), [cache]), found, "who is not root uses his own");
});

/** Each with a whole copy that somebody may have put there, and why it is not taken. */
const unfit: [name: string, reason: string, make: (path: string, parent: string) => Promise<void>][] = [
  ["theirs", "<cache> belongs to user 65534", (path) => chown(path, 65534, 65534)],
  ["shared", "<cache> can be written by others (mode 777)", (path) => chmod(path, 0o777)],
  ["a group's", "<cache> can be written by others (mode 775)", (path) => chmod(path, 0o775)],
  ["linked", "<cache> can be written by others (mode 777)", async (path) => {
    await rename(path, `${path} to`);
    await symlink(`${path} to`, path);
  }],
  ["below theirs", "<parent> belongs to user 65534", (_, parent) => chown(parent, 65534, 65534)],
  ["below shared", "<parent> can be written by others (mode 777)", (_, parent) => chmod(parent, 0o777)],
  ["below closed", "Permission denied", (_, parent) => chmod(parent, 0o700)],
  ["below nothing", "ENOENT", (_, parent) => rm(parent, { recursive: true })],
];

Deno.test("a cache into which others can put a binary is not used, and told", { ignore }, async () => {
  await using folder = await temporary();
  const found = await installed(`${folder.path}/native`);
  const caches: string[] = [];
  for (const [name, , make] of unfit) {
    const parent = `${folder.path}/${name}`;
    const cache = `${parent}/cache`;
    await mkdir(cache, { recursive: true });
    await installed(`${cache}/postgres-violin-17.1`);
    await make(cache, parent);
    caches.push(cache);
  }
  const refused = await problemOf(reachableBinaries(found, runAs(), caches));
  assert.equal(refused.code, "postgres_unreachable");
  assert.ok(refused.message.includes(found.folder), refused.message);
  assert.match(refused.hint, /chmod o\+x.*normal user/);
  const [first, ...others] = refused.details.split("\n");
  assert.match(first!, /initdb: Permission denied/);
  for (const [index, cache] of caches.entries()) {
    const reason = unfit[index]![1].replace("<cache>", cache).replace("<parent>", dirname(cache));
    const told = others[index]!;
    assert.ok(told.startsWith(`${cache}: `) && told.includes(reason), told);
  }
  const closed = `${folder.path}/below closed/cache`;
  assert.deepEqual(
    await readdir(closed),
    ["postgres-violin-17.1"],
    "a copy that serves nobody does not stay",
  );

  const sticky = `${folder.path}/sticky`;
  await mkdir(sticky);
  await chmod(sticky, 0o1777);
  const copy = await reachableBinaries(found, runAs(), [...caches, `${sticky}/cache`]);
  assert.equal(copy.folder, `${sticky}/cache/postgres-violin-17.1`);
});
