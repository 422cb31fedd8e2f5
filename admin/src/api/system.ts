/** What the server is and does: `/api/system`. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

export type Latency = Schemas["Latency"];
/** What the system does not tell is `null`. */
export type Stats = Schemas["Stats"];
export type PluginCalls = Stats["plugins"][number];
export type SystemInfo = Schemas["SystemInfo"];

export const statsKey = ["stats"] as const;

/** How often a page that shows what goes on asks again. */
export const statsPauseMs = 5000;

export const statsQuery = () =>
  queryOptions({
    queryKey: statsKey,
    queryFn: ({ signal }) => api.get("/api/system/stats", { signal }),
  });

export const systemInfoQuery = () =>
  queryOptions({
    queryKey: ["system-info"],
    queryFn: ({ signal }) => api.get("/api/system/info", { signal }),
    staleTime: 60_000,
  });
