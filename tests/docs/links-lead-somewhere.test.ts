import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);

Deno.test("every link of README, documents and the index of tests leads to a file, and to a heading in it", async () => {
  const names = [
    "README.md",
    "CHANGELOG.md",
    "tests/README.md",
    ...(await readdir(new URL("docs", root))).map((name) => `docs/${name}`),
  ];
  let links = 0;
  for (const name of names) {
    for (const [link, target = ""] of withoutBlocks(await text(name)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? new URL(name, root) : new URL(path, new URL(name, root));
      assert.ok(existsSync(file), `${name}: ${link}`);
      if (anchor !== undefined) {
        assert.ok(anchorsOf(await readFile(file, "utf8")).includes(anchor), `${name}: ${link}`);
      }
      links++;
    }
  }
  assert.ok(links > 40, `${links}`);
});

const text = (name: string) => readFile(new URL(name, root), "utf8");
const withoutBlocks = (markdown: string) => markdown.replaceAll(/^```[\s\S]*?^```$/gm, "");

/** As GitHub names headings. */
function anchorsOf(markdown: string): string[] {
  const heads = [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map(([, head]) => head!);
  return heads.map((head) => head.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}
