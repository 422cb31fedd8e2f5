import type { Context } from "./index.js";

/** A call by a signed-in user, at 2026-01-31 12:00:00 UTC, without configuration. */
export function context(collection: string, more?: Partial<Context>): Context;

/** What a hook refuses, as the host would hear it; `null` when it does not. */
export function refusal(
  call: () => void,
): { tag: "invalid"; val: { field: string; code: string; message: string }[] } | { tag: "denied"; val: [number, string] } | null;
