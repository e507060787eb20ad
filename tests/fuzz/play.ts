// Makes up answers for every query of every stream until enough of them were read.

import assert from "node:assert/strict";
import fc from "fast-check";
import { streams } from "../../supabase/functions/_shared/streams.ts";
import { answersTo } from "./answers.ts";
import { judge } from "./judge.ts";

export interface Goal {
  answers: number;
  seed: number;
}

export interface Score {
  answers: number;
  refused: number;
  staged: number;
}

/** So many answers, unless FUZZ_ANSWERS says otherwise; FUZZ_SEED makes up the same ones again. */
export function goalOf(answers: number, environment: Record<string, string | undefined>): Goal {
  return {
    answers: Number(environment["FUZZ_ANSWERS"] ?? answers),
    seed: Number(environment["FUZZ_SEED"] ?? Math.floor(Math.random() * 0x7fffffff)),
  };
}

/** Fails with the smallest answer that breaks a promise. */
export async function readAll({ answers, seed }: Goal): Promise<Score> {
  const score = { answers: 0, refused: 0, staged: 0 };
  for (const [place, stream] of streams.entries()) {
    // The first query is the one that reads the first page.
    const property = fc.asyncProperty(answersTo(stream.queries[0]!), async (answer) => {
      const { verdict, staged } = await judge(stream, answer);
      score.answers++;
      score.refused += verdict === "refused" ? 1 : 0;
      score.staged += staged;
    });
    const numRuns = Math.ceil(answers / streams.length);
    // Biased towards first and small values, most answers would be no page at all.
    await fc.assert(property, { seed: seed + place, numRuns, plugins: [fc.unbiased()] });
  }
  return score;
}

/** Enough was read, and most of it got as far as to be judged. */
export function assertWasWorthIt(score: Score, { answers }: Goal): void {
  assert.ok(score.answers >= answers, `only ${score.answers} answers were read`);
  assert.ok(
    score.refused < score.answers * 0.6,
    `${score.refused} of ${score.answers} never reached the records`,
  );
  assert.ok(
    score.staged > score.answers * 0.2,
    `only ${score.staged} records came of ${score.answers} answers`,
  );
}
