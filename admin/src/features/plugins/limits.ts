/** What calls may use, as the places of a plugin were given it. */
import type { Attachment, EffectiveLimits } from "@/api/types";

const keys = ["fuel", "wallMs", "memoryMb", "hostCalls"] as const;

export type LeastLimits = Pick<EffectiveLimits, (typeof keys)[number]>;

/** By hook, the tightest limits of any place: what a figure over all places is measured against. */
export function leastLimits(attachments: Attachment[]): Record<string, LeastLimits | undefined> {
  const least: Record<string, LeastLimits | undefined> = {};
  for (const { effectiveLimits = {} } of attachments) {
    for (const [hook, limits] of Object.entries(effectiveLimits)) {
      const known = least[hook];
      const tightest = keys.map((key) => [key, Math.min(known?.[key] ?? limits[key], limits[key])]);
      least[hook] = Object.fromEntries(tightest) as LeastLimits;
    }
  }
  return least;
}
