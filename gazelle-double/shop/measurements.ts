import { date, dateTime, LAST_DAY } from "./shop.ts";
import { dice } from "./random.ts";

/** Up to three readings of temperature and humidity, taken during services. */
export function measurements(pianoId: string): Record<string, unknown>[] {
  let start = 0;
  for (const letter of pianoId) start = Math.imul(start, 31) + letter.charCodeAt(0);
  const throws = dice(start);
  return Array.from({ length: throws.int(4) }, (_, k) => {
    const taken = LAST_DAY - throws.between(1, 2_000) * 86_400_000;
    return {
      id: `pme_${pianoId.slice(4, 19)}${k}`,
      pianoId,
      takenOn: date(taken),
      temperature: throws.between(17, 26),
      humidity: throws.between(18, 68),
      a4Pitch: throws.between(435, 443),
      createdAt: dateTime(taken),
      updatedAt: dateTime(taken),
    };
  });
}
