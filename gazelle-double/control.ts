import { Hono } from "hono";
import { json } from "./answers.ts";
import { type Gazelle, resetGazelle, takeOrder } from "./gazelle.ts";

/** The routes with which a test orders faults and reads the log of requests. */
export function control(gazelle: Gazelle): Hono {
  const app = new Hono();
  app.get("/faults", () => json(JSON.stringify(gazelle.queue.outstanding), 200));
  app.post("/faults", async (context) => {
    const outcome = takeOrder(gazelle, await context.req.json().catch(() => null));
    return "refusal" in outcome
      ? json(JSON.stringify(outcome.refusal), 400)
      : json(JSON.stringify(outcome), 201);
  });
  app.delete("/faults", () => {
    gazelle.queue.outstanding = [];
    return done();
  });
  app.get("/log", () => json(JSON.stringify(gazelle.entries), 200));
  app.delete("/log", () => {
    gazelle.entries.length = 0;
    return done();
  });
  app.post("/reset", () => {
    resetGazelle(gazelle);
    return done();
  });
  return app;
}

function done(): Response {
  return new Response(null, { status: 204 });
}
