import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import fc from "fast-check";
import { type Cell, table } from "../../cli/table.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";
import { root } from "./etiquette.ts";
import { ways } from "./verbs.ts";

const head = ["Run", "Stream", "Outcome", "Started (UTC)", "fetched", "inserted", "updated", "kept", "Time"];
const rows: Cell[][] = [
  [12, "appointments", "complete (dry run)", "2026-11-28 19:06", 23_869, 0, 0, 1, "12.5 s"],
  [11, "clients", "tripped", "2026-11-28 19:05", 1_344, 0, null, 1, "0.4 s"],
];
const widest = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length));

Deno.test("a table has borders where there is room, then none, then each row takes several lines", () => {
  const boxed = table(head, rows, Infinity);
  assert.equal(table(head, rows, widest(boxed)), boxed);
  assert.deepEqual(table(head, rows, widest(boxed) - 1).split("\n"), [
    "Run  Stream        Outcome             Started (UTC)     fetched  inserted  updated  kept  Time",
    "───  ────────────  ──────────────────  ────────────────  ───────  ────────  ───────  ────  ──────",
    " 12  appointments  complete (dry run)  2026-11-28 19:06   23,869         0        0     1  12.5 s",
    " 11  clients       tripped             2026-11-28 19:05    1,344         0        –     1  0.4 s",
  ]);
  assert.deepEqual(table(head, rows, 83).split("\n"), [
    "Run  Stream        Outcome     Started     fetched  inserted  updated  kept  Time",
    "                               (UTC)",
    "───  ────────────  ──────────  ──────────  ───────  ────────  ───────  ────  ──────",
    " 12  appointments  complete    2026-11-28   23,869         0        0     1  12.5 s",
    "                   (dry run)   19:06",
    " 11  clients       tripped     2026-11-28    1,344         0        –     1  0.4 s",
    "                               19:05",
  ]);
  assert.deepEqual(table(head, rows, 60).split("\n"), [
    "12  appointments  complete (dry run)  2026-11-28 19:06",
    "  fetched 23,869, inserted 0, updated 0, kept 1, Time 12.5 s",
    "11  clients  tripped  2026-11-28 19:05",
    "  fetched 1,344, inserted 0, updated –, kept 1, Time 0.4 s",
  ]);
});

Deno.test("whatever is in it, a table is no wider than the terminal, and says all of it", () => {
  const text = fc.stringMatching(/^[a-zé_,.]{0,30}( [a-z]{1,20}){0,4}$/);
  const cell = fc.oneof(text, fc.nat(10_000_000), fc.constant(null));
  const made = fc.integer({ min: 1, max: 12 }).chain((columns) =>
    fc.record({
      head: fc.array(fc.stringMatching(/^[A-Za-z]{1,12}( [a-z]{1,8})?$/), {
        minLength: columns,
        maxLength: columns,
      }),
      rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
  );
  const letters = (text: string) => text.replaceAll(/[\s│┌┐└┘├┤┬┴┼─]/g, "");
  fc.assert(fc.property(made, fc.integer({ min: 60, max: 130 }), ({ head, rows }, width) => {
    const drawn = table(head, rows, width);
    assert.ok(widest(drawn) <= width, `${widest(drawn)} of ${width}:\n${drawn}`);
    const found = letters(drawn);
    for (const one of rows.flat()) {
      if (typeof one === "number") assert.ok(found.includes(one.toLocaleString("en-CA")));
    }
    const shown = [...found].sort().join("");
    for (const letter of new Set(letters(rows.flat().join("")))) assert.ok(shown.includes(letter));
  }));
});

Deno.test("an id is not broken where it can be helped, and letters take as many columns as they show", () => {
  const row = ["École Vincent-d'Indy 🎹 調律", "cli_9UMLkteep8EsISbG", 121];
  assert.deepEqual(table(["Institution", "Client", "Pianos"], [row], 45).split("\n"), [
    "Institution      Client                Pianos",
    "───────────────  ────────────────────  ──────",
    "École            cli_9UMLkteep8EsISbG     121",
    "Vincent-d'Indy",
    "🎹 調律",
  ]);
});

Deno.test({
  name: "every verb with a table asks the terminal how wide it is",
  ignore: process.platform !== "linux",
  async fn(test) {
    await using platform = await smallShop();
    await sync(platform, "clients");
    await sync(platform, "appointments");
    await platform.sql`update gazelle_clients set tags = '{vip}' where external_id = 'cli_HbEwl9rN11pSuDEU'`;
    const verbs = [
      ["runs"],
      ["schedule"],
      ["protect"],
      ["verify"],
      ["explain", "gazelle_clients", "cli_HbEwl9rN11pSuDEU"],
      ["history", "gazelle_clients", "cli_HbEwl9rN11pSuDEU"],
    ];
    for (const columns of [80, 60]) {
      for (const words of verbs) {
        await test.step(`${words[0]} at ${columns}`, async () => {
          const shown = await onTerminal(columns, words, ways.SQL(platform));
          assert.ok(widest(shown) <= columns, shown);
        });
      }
    }
  },
});

/** What a verb prints on a terminal. Lines that are no table's are left out. */
function onTerminal(columns: number, words: string[], environment: Record<string, string>): Promise<string> {
  const command = [Deno.execPath(), "run", "--allow-all", "--no-check", `${root}cli/main.ts`, ...words];
  const child = spawn("script", ["-qec", `stty cols ${columns} && ${command.join(" ")}`, "/dev/null"], {
    cwd: root,
    env: { ...process.env, ...environment, NO_COLOR: "1", ETIQUETTE_DATA: "/nothing" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  return new Promise((done) =>
    child.once("close", () => {
      const lines = output.replaceAll("\r", "").trimEnd().split("\n");
      assert.ok(lines.length > 2, output);
      done(lines.filter((line) => !/^✖|\. |^To begin|^\d+ of \d+ differ/.test(line)).join("\n"));
    })
  );
}
