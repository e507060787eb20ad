import { killAndResume } from "../fixtures/killing.ts";

Deno.test("20 runs that are killed with kill -9 are resumed, and nothing is lost or done twice", (test) =>
  killAndResume(test, 20, 20261123));
