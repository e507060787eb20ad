import { openServer } from "./bench/database.ts";
import { claimLocations, guards, upsert } from "./bench/statements.ts";
const rows = 10000, reps = Number(Deno.args[0] ?? 7);
const variants: Record<string, (src: string) => string> = { "": (d) => d, ...(Deno.args[1] ? (await import(Deno.args[1])).default : {}) };
await using server = await openServer(undefined);
const t = await server.template("g", async (p, s) => { await guards.guarded!(p, s); await p`select bench.fill(${rows})`; await s.unsafe(upsert()()); 
  await p.unsafe(`update bench.pianos set location = location || ' (à la main)' where external_id in (select external_id from bench.incoming where n % 100 = 7)`); });
const a = await server.template("a", async (p) => { await claimLocations(p); }, t);
const stmts = { "1%": [t, "update bench.pianos set location = location || 'x'"], blank: [a, "update bench.pianos set location = ''"] } as const;
for (const [name, [template, text]] of Object.entries(stmts)) {
  await using db = await server.copy(template);
  const [f] = await db.person`select pg_get_functiondef(p.oid) as def from pg_proc p where proname ~ '^guard_[0-9]+$'`;
  const best: Record<string, number> = {};
  for (let i = 0; i < reps; i++) for (const [v, change] of Object.entries(variants)) {
    await db.person.unsafe(change(f!.def));
    await db.sync.unsafe(`begin; ${text} where external_id like 'ins_a%'; rollback`).simple();
    await db.sync.unsafe("begin");
    const plan = await db.sync.unsafe(`explain (analyze) ${text}`);
    await db.sync.unsafe("rollback");
    const line = plan.map((r) => r["QUERY PLAN"]).find((l) => /guard/.test(l)) as string;
    const time = Number(/time=([\d.]+)/.exec(line)![1]);
    const total = Number(/Execution Time: ([\d.]+)/.exec(plan.map((r) => r["QUERY PLAN"]).join("\n"))![1]);
    best[v] = Math.min(best[v] ?? Infinity, time); best[v + " total"] = Math.min(best[v + " total"] ?? Infinity, total);
    await db.person.unsafe("vacuum bench.pianos"); await db.person.unsafe("vacuum ownership_private.claims");
  }
  for (const v of Object.keys(variants)) console.log(name.padEnd(6), v.padEnd(16), (best[v]! / rows * 1000).toFixed(2), "µs a row; statement", (best[v + " total"]! / rows * 1000).toFixed(2));
}
