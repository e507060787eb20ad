import { killAndResume } from "../fixtures/killing.ts";

Deno.test("200 runs that are killed with kill -9 are resumed, and nothing is lost or done twice", (test) =>
  killAndResume(test, 200, 2026));
