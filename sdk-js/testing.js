// Hooks in a plain test: no server, no component.

/** A call by a signed-in user, at 2026-01-31 12:00:00 UTC, without configuration. */
export function context(collection, more = {}) {
  return {
    tenant: "test",
    collection,
    requestId: "request00000001",
    caller: { kind: "user", id: "user00000000001", collection: "users" },
    nowMs: 1_769_860_800_000,
    depth: 0,
    config: {},
    ...more,
  };
}

/** What a hook refuses, as the host would hear it; `null` when it does not. */
export function refusal(call) {
  try {
    call();
    return null;
  } catch (error) {
    if (error?.refusal) return error.refusal;
    throw error;
  }
}
