import { type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, taggedByHand } from "../fixtures/ownership.ts";

const details = { ...byHand, value: { by: "hand" } };
const badge = { ...byHand, value: true, owner: "pls_detector", history: ["claimed by pls_detector"] };
const tags = ["gazelle", "vip"];

/** The sync sets the column to an SQL expression, in the row edited by hand. */
function shape(
  name: string,
  column: Loss["column"],
  expression: string,
  rest: Omit<Loss, "name" | "column" | "loss">,
): Loss {
  const loss: Loss["loss"] = ({ asSync }, table) =>
    asSync(`update ${table} set ${column} = ${expression} where external_id = 'ins_1'`);
  return { name, column, loss, ...rest };
}

function text(name: string, expression: string, value: string | null, without?: "bare"): Loss {
  return shape(name, "notes", expression, {
    without,
    lost: { value },
    kept: { ...byHand, blocked: blocked(value, "by hand") },
  });
}

function set(name: string, expression: string, value: (string | null)[] | null, without?: "bare"): Loss {
  return shape(name, "tags", expression, {
    without,
    lost: { value },
    kept: { ...taggedByHand, blocked: blocked([], tags) },
  });
}

function json(name: string, value: unknown): Loss {
  return shape(name, "details", `'${JSON.stringify(value)}'`, {
    lost: { value },
    kept: { ...details, blocked: blocked(value, details.value) },
  });
}

await testLosses([
  text("NULL", "null", null, "bare"),
  set("'{}'", "'{}'", [], "bare"),
  set("NULL for a set", "null", null, "bare"),
  text("''", "''", ""),
  text("white space", "E' \\t\\u00a0'", " \t\u00a0"),
  set("{NULL}", "'{NULL}'", [null]),
  set('{""}', "array['']", [""]),
  set('{"  "}', "array['  ']", ["  "]),
  json("jsonb null", null),
  json("jsonb []", []),
  json("jsonb {}", {}),
  json('jsonb ""', ""),
  shape("a value that the policy calls blank", "dampp_chaser_installed", "false", {
    lost: { value: false },
    kept: { ...badge, blocked: blocked(false, true) },
  }),
  text("replaced by another non-blank value", "'corrected in Gazelle'", "corrected in Gazelle"),
  shape("replaced by another non-blank jsonb", "details", `'{"by": "gazelle"}'`, {
    lost: { value: { by: "gazelle" } },
    kept: { ...details, blocked: blocked({ by: "gazelle" }, details.value) },
  }),
  shape("shrunk", "tags", "'{gazelle}'", {
    lost: { value: ["gazelle"] },
    kept: { ...taggedByHand, blocked: blocked(["gazelle"], tags) },
  }),
  shape("replaced by another set", "tags", "'{gazelle, concert}'", {
    lost: { value: ["gazelle", "concert"] },
    kept: {
      ...taggedByHand,
      value: [...tags, "concert"],
      blocked: blocked(["concert", "gazelle"], [...tags, "concert"]),
    },
  }),
  shape("a column default that fills a missing key", "location", "default", {
    lost: { value: "unknown" },
    kept: { ...byHand, blocked: blocked("unknown", "by hand") },
  }),
  {
    name: "case and space variants of a tag",
    column: "tags",
    loss: async ({ asPerson, asSync }, table) => {
      await asPerson(`update ${table} set tags = tags || '{école}' where external_id = 'ins_1'`);
      await asSync(
        `update ${table} set tags = '{gazelle, " VIP ", "ÉCOLE\u00a0"}' where external_id = 'ins_1'`,
      );
    },
    lost: { value: ["gazelle", " VIP ", "ÉCOLE\u00a0"] },
    kept: {
      value: ["gazelle", "vip", "école"],
      owner: { vip: "manual_editor", école: "manual_editor" },
      blocked: [],
      history: ["claimed vip by manual_editor", "claimed école by manual_editor"],
    },
  },
  {
    name: "a tag whose accents the source codes the other way",
    column: "tags",
    loss: async ({ asPerson, asSync }, table) => {
      await asPerson(
        `update ${table} set tags = tags || '{e\u0301cole, \u00e0 voir}' where external_id = 'ins_1'`,
      );
      await asSync(
        `update ${table} set tags = '{gazelle, vip, \u00c9cole, A\u0300 voir}' where external_id = 'ins_1'`,
      );
    },
    lost: { value: ["gazelle", "vip", "\u00c9cole", "A\u0300 voir"] },
    kept: {
      value: ["gazelle", "vip", "e\u0301cole", "\u00e0 voir"],
      owner: { vip: "manual_editor", "e\u0301cole": "manual_editor", "\u00e0 voir": "manual_editor" },
      blocked: [],
      history: [
        "claimed vip by manual_editor",
        "claimed \u00e0 voir by manual_editor",
        "claimed \u00e9cole by manual_editor",
      ],
    },
  },
  {
    name: "a variant of a tag that its source drops again",
    column: "tags",
    loss: ({ asSync }, table) =>
      asSync(`
        update ${table} set tags = '{gazelle, VIP}' where external_id = 'ins_1';
        update ${table} set tags = '{gazelle}' where external_id = 'ins_1'`),
    lost: { value: ["gazelle"] },
    kept: { ...taggedByHand, blocked: blocked(["gazelle"], tags) },
  },
]);
