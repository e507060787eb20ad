import { permutation } from "./random.ts";

/** Deals slots to owners: some get many, some few or none. Both directions are computed without a table. */
export interface Tiers {
  readonly total: number;
  ownerOf(slot: number): number;
  /** How many slots the owner got before this one. */
  tierOf(slot: number): number;
  slotsOf(owner: number): number[];
}

/** Tier by tier, the first `sizes[tier]` owners (in a scattered order) get one slot each. */
export function tiers(sizes: readonly number[], owners: number, salt: number): Tiers {
  const order = permutation(owners, salt);
  const starts = [0];
  for (const size of sizes) starts.push((starts.at(-1) as number) + size);
  const tierOf = (slot: number) => {
    let tier = 0;
    while ((starts[tier + 1] as number) <= slot) tier++;
    return tier;
  };
  return {
    total: starts.at(-1) as number,
    tierOf,
    ownerOf: (slot) => order.forward(slot - (starts[tierOf(slot)] as number)),
    slotsOf(owner) {
      const place = order.back(owner);
      const slots: number[] = [];
      for (let tier = 0; tier < sizes.length && place < (sizes[tier] as number); tier++) {
        slots.push((starts[tier] as number) + place);
      }
      return slots;
    },
  };
}

/** Sizes that fall evenly from `owners`, so that everybody has one slot, to nearly 0. Their sum is `total`. */
export function decliningSizes(total: number, owners: number): number[] {
  const rest = total - owners;
  const depth = Math.ceil((2.2 * rest) / owners) + 1;
  const weight = (tier: number) => 1 - tier / (depth + 1);
  let sum = 0;
  for (let tier = 1; tier <= depth; tier++) sum += weight(tier);
  const sizes = [owners];
  let [reached, given] = [0, 0];
  for (let tier = 1; tier <= depth; tier++) {
    reached += weight(tier);
    const upTo = Math.round((rest * reached) / sum);
    sizes.push(upTo - given);
    given = upTo;
  }
  return sizes;
}
