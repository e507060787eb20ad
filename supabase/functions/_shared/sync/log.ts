// The log of a function: a line of JSON for each problem.

import { asProblem, partsOf, type Problem } from "../problem.ts";

/**
 * Writes down what was thrown, and returns it as a problem.
 * @param where the function or the stream that met it
 */
export function logged(where: { function: string } | { stream: string }, thrown: unknown): Problem {
  const found = asProblem(thrown);
  console.error(JSON.stringify({ ...where, ...partsOf(found) }));
  if (found.code === "internal") console.error(found.cause);
  return found;
}
