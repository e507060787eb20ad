// Tells when a cron job is due, from its five fields as pg_cron reads them, in UTC. Names and $ are not supported.

/** The ranges of the fields: minute, hour, day of the month, month, day of the week (7 is Sunday, like 0). */
const ranges: [low: number, high: number][] = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]];

/** Whether a job on this schedule begins in the minute of `at`. Null if it is not a schedule. */
export function isDue(schedule: string, at: Date): boolean | null {
  const fields = schedule.trim().split(/\s+/);
  const values = ranges.map(([low, high], place) => valuesOf(fields[place] ?? "", low, high));
  if (fields.length !== ranges.length || values.some((found) => found === null)) return null;
  const [minutes, hours, days, months, weekdays] = values as Set<number>[];
  if (!minutes!.has(at.getUTCMinutes()) || !hours!.has(at.getUTCHours())) return false;
  if (!months!.has(at.getUTCMonth() + 1)) return false;
  const isDay = days!.has(at.getUTCDate());
  const isWeekday = weekdays!.has(at.getUTCDay()) || (at.getUTCDay() === 0 && weekdays!.has(7));
  // If both the day of the month and the day of the week are given, one of them is enough.
  const isOpen = fields[2]!.startsWith("*") || fields[4]!.startsWith("*");
  return isOpen ? isDay && isWeekday : isDay || isWeekday;
}

const part = /^(?:(?:\*|(\d{1,2})-(\d{1,2}))(?:\/(\d{1,2}))?|(\d{1,2}))$/;

function valuesOf(field: string, low: number, high: number): Set<number> | null {
  const found = new Set<number>();
  for (const text of field.split(",")) {
    const [match, first, last, step = "1", single] = part.exec(text) ?? [];
    if (match === undefined) return null;
    const [from, to] = [Number(single ?? first ?? low), Number(single ?? last ?? high)];
    if (from < low || to > high || from > to || Number(step) < 1 || Number(step) > high) return null;
    for (let value = from; value <= to; value += Number(step)) found.add(value);
  }
  return found;
}
