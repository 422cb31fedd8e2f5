/** What calls may use, as the places of a plugin were given it. */
import type { Attachment, EffectiveLimits } from "@/api/types";

export type LeastLimits = EffectiveLimits;

const keys = ["fuel", "wallMs", "memoryMb", "hostCalls"] as const;

/** By hook, the tightest limits of any place: what a figure over all places is measured against. */
export function leastLimits(attachments: Attachment[]): Record<string, LeastLimits | undefined> {
  const least: Record<string, LeastLimits | undefined> = {};
  for (const { effectiveLimits = {} } of attachments) {
    for (const [hook, limits] of Object.entries(effectiveLimits)) {
      const known = least[hook];
      least[hook] = known
        ? (Object.fromEntries(
            keys.map((key) => [key, Math.min(known[key], limits[key])]),
          ) as unknown as LeastLimits)
        : limits;
    }
  }
  return least;
}
