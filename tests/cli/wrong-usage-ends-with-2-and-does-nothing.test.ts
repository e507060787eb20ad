import assert from "node:assert/strict";
import { etiquette } from "./etiquette.ts";

const wrong: Record<string, { words: string[]; says: RegExp }> = {
  "a verb there is not": { words: ["vrify"], says: /unknown command 'vrify'.*Did you mean verify\?/s },
  "an option there is not": { words: ["verify", "--appyl"], says: /unknown option '--appyl'/ },
  "a missing argument": { words: ["import"], says: /missing required argument 'file'/ },
  "an argument too many": { words: ["verify", "twice"], says: /too many arguments/ },
  "a value out of range": { words: ["start", "--port", "70000"], says: /a whole number from 0 to 65535/ },
};

for (const [name, { words, says }] of Object.entries(wrong)) {
  Deno.test(`wrong usage ends with 2, says what is wrong, and does nothing: ${name}`, async () => {
    const run = etiquette(words);
    assert.equal(await run.ended, 2, run.output());
    assert.match(run.output(), says);
    assert.match(run.output(), /--help/);
  });
}

Deno.test("help ends with 0, of the whole and of one verb", async () => {
  for (const [words, says] of [[["--help"], /verify +check/], [["help", "import"], /--apply/]] as const) {
    const run = etiquette([...words]);
    assert.equal(await run.ended, 0, run.output());
    assert.match(run.output(), says);
  }
});
