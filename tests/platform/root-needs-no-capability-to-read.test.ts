import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

// Those of root in a container of Docker's, unless it is told otherwise.
const docker =
  "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot" +
  " mknod audit_write setfcap";

/** A folder that is root's alone, as its home is. */
async function closed(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-closed-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

interface Started {
  /** Of the server's process, as the kernel tells it. */
  status?: string;
  code?: string;
  details?: string;
  hint?: string;
}

/** Starts a server as a root that has these capabilities alone. */
function startWith(capabilities: string, dataDir: string): Started {
  const bounds = ["-all", ...capabilities.split(" ").map((name) => `+${name}`)].filter((one) => one !== "+");
  const script = fileURLToPath(new URL("../fixtures/start-postgres.ts", import.meta.url));
  const run = spawnSync("setpriv", [
    `--bounding-set=${bounds.join(",")}`,
    "--inh-caps=-all",
    ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", script, dataDir],
  ], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

const without = (name: string) => docker.split(" ").filter((one) => one !== name).join(" ");

const ignore = Deno.build.os !== "linux" || process.getuid?.() !== 0;

Deno.test("root in a container starts a server on data in a closed folder; it has no capability", {
  ignore,
}, async () => {
  await using folder = await closed();
  for (const time of ["first", "second"]) {
    const { status = "", ...refused } = startWith(docker, `${folder.path}/data`);
    assert.deepEqual(refused, {}, `the ${time} start`);
    assert.match(status, /^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
    for (const set of ["CapPrm", "CapEff", "CapAmb"]) {
      assert.match(status, new RegExp(`^${set}:\\s+0+$`, "m"));
    }
  }
  const password = await stat(`${folder.path}/data.password`);
  assert.deepEqual([password.uid, password.mode & 0o777], [0, 0o600]);
  assert.equal((await readFile(`${folder.path}/data/PG_VERSION`, "utf8")).trim(), "17");
});

Deno.test("a capability that root needs and has not is named, with what else to do", { ignore }, async () => {
  const expected: [capabilities: string, code: string, details: RegExp, hint: RegExp][] = [
    ["", "root_cannot_switch", /Operation not permitted/, /normal user.*setuid and setgid/],
    [without("setuid"), "root_cannot_switch", /Operation not permitted/, /normal user.*setuid and setgid/],
    [without("setgid"), "root_cannot_switch", /Operation not permitted/, /normal user.*setuid and setgid/],
    [without("chown"), "data_folder_handover", /EPERM|not permitted/i, /--data.*TMPDIR.*normal user.*chown/],
    [without("dac_override"), "data_folder_handover", /EACCES|denied/i, /normal user.*dac_override/],
  ];
  for (const [capabilities, code, details, hint] of expected) {
    await using folder = await closed();
    const refused = startWith(capabilities, `${folder.path}/data`);
    assert.equal(refused.code, code, capabilities);
    assert.match(refused.details!, details);
    assert.match(refused.hint!, hint);
  }
  await using folder = await closed();
  startWith(docker, `${folder.path}/data`);
  const again = startWith(without("dac_override"), `${folder.path}/data`);
  assert.equal(again.code, "data_folder_handover", "with data that is there");
  assert.equal(startWith(docker, `${folder.path}/data`).code, undefined, "the data are left alone");
});
