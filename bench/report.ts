// What all benches print alike: lines of JSON, progress, and the cells of their tables.

/** Prints a result as soon as it is known: a line of JSON, or else a line of progress on standard error. */
export function tell(result: { name: string; ok: boolean }, json: boolean | undefined): void {
  if (json) printJson(result);
  else console.error(`${result.ok ? "ok  " : "MISS"} ${result.name}`);
}

/** Prints a line of JSON. Fractions have four digits, so that the lines of two runs are easily compared by eye. */
export function printJson(result: unknown): void {
  const short = (value: number) => Number.isInteger(value) ? value : Number(value.toPrecision(4));
  console.log(JSON.stringify(result, (_, value) => typeof value === "number" ? short(value) : value));
}

/** Whether a limit was kept; empty where there is no limit. */
export function outcome(ok: boolean | null): string {
  return ok === null ? "" : ok ? "ok" : "MISS";
}

/** Rounded to a whole number, with its thousands set apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-CA");
}
