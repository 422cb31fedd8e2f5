import { lazyRouteComponent } from "@tanstack/react-router";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";

/**
 * A page whose code is fetched when it is needed. The router answers a failed fetch by loading the document anew, which is
 * right after an upgrade of the server, but while the server is away it would trade the dashboard for the browser's error
 * page. So a failure is told apart first.
 */
export function lazyPage<M extends Record<string, unknown>, K extends keyof M>(
  load: () => Promise<M>,
  name: K,
): ReturnType<typeof lazyRouteComponent<M, K>> {
  return lazyRouteComponent<M, K>(async () => {
    try {
      return await load();
    } catch (error) {
      await throwIfUnreachable();
      throw error;
    }
  }, name);
}

async function throwIfUnreachable(): Promise<void> {
  try {
    await api.get("/api/health", { needsSession: false });
  } catch (error) {
    if (error instanceof ApiError && error.kind === "network") throw error;
  }
}
