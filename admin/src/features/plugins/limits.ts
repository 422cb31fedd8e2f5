/** What calls may use, as the places of a plugin were given it. */
import type { AttachmentLimits, EffectiveLimits } from "@/api/types";

/** What has limits: an attachment, a schedule, a route. */
interface Place {
  limits?: AttachmentLimits | null;
  effectiveLimits?: Record<string, EffectiveLimits>;
}

const gauged = ["fuel", "wallMs", "memoryMb", "hostCalls"] as const;

export type LeastLimits = Pick<EffectiveLimits, (typeof gauged)[number]>;

/** By hook, the tightest limits of any place: what a figure over all places is measured against. */
export function leastLimits(places: Place[]): Record<string, LeastLimits | undefined> {
  const least: Record<string, LeastLimits | undefined> = {};
  for (const { effectiveLimits = {} } of places) {
    for (const [hook, limits] of Object.entries(effectiveLimits)) {
      const known = least[hook];
      const tightest = gauged.map((key) => [key, Math.min(known?.[key] ?? limits[key], limits[key])]);
      least[hook] = Object.fromEntries(tightest) as LeastLimits;
    }
  }
  return least;
}

/** What a place gets on the axes where it says nothing itself, at the tightest of its moments. */
export function usualLimits(place: Place | null): Partial<EffectiveLimits> {
  const usual: Partial<Record<string, number>> = {};
  for (const limits of Object.values(place?.effectiveLimits ?? {})) {
    for (const [axis, value] of Object.entries(limits)) {
      const own = (place?.limits as Record<string, unknown> | null | undefined)?.[axis];
      if (typeof value !== "number" || typeof own === "number") continue;
      usual[axis] = Math.min(usual[axis] ?? value, value);
    }
  }
  return usual;
}
