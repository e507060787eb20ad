import { match, strictEqual } from "node:assert";
import { ask, double } from "./client.ts";

Deno.test("the process says where it is, and ends with its parent's pipe", async () => {
  const { child, ready } = await start("--port", "0", "--scale", "0.2", "--seed", "9");
  const { counts, ...where } = ready;
  strictEqual((counts as { client: number }).client, 269);
  const { data } = await ask(where as unknown as Where, "{ allClients(first: 1) { totalCount } }");
  strictEqual(data.allClients?.totalCount, 269);
  await child.stdin.close();
  strictEqual((await child.status).success, true);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`the process ends with ${signal}`, async () => {
    const { child } = await start("--port", "0");
    child.kill(signal);
    strictEqual((await child.status).code, 0);
    await child.stdin.close().catch(() => undefined);
  });
}

Deno.test("a busy port and a wrong setting end with one clear line", async () => {
  await using busy = await double();
  const cases: [string[], number, RegExp][] = [
    [["--port", String(busy.port)], 1, /^Port \d+ is in use\..*--port.*\n$/],
    [["--port", "eighty"], 2, /^--port "eighty" is not a number of 0 or more\.\n$/],
    [["--prot", "0"], 2, /^Unknown option '--prot'/],
    [["--port", "0", "--scale", "0.01"], 1, /^Scale 0.01 is out of range: 0.2 to 1000\.\n$/],
  ];
  for (const [args, code, message] of cases) {
    const output = await command(args, "null").output();
    strictEqual(output.code, code);
    match(new TextDecoder().decode(output.stderr), message);
  }
});

interface Where {
  url: string;
  accessToken: string;
}

const MAIN = new URL("../../gazelle-double/main.ts", import.meta.url).pathname;

function command(args: string[], stdin: "piped" | "null"): Deno.Command {
  const main = ["run", "--allow-all", "--no-check", MAIN, ...args];
  return new Deno.Command(Deno.execPath(), { args: main, stdin, stdout: "piped", stderr: "piped" });
}

async function start(
  ...args: string[]
): Promise<{ child: Deno.ChildProcess; ready: Record<string, unknown> }> {
  const child = command(args, "piped").spawn();
  child.stderr.cancel();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) line += (await reader.read()).value ?? "";
  await reader.cancel();
  return { child, ready: JSON.parse(line) };
}
