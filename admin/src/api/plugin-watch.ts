/** How plugins fare: figures of their calls, breakers, canaries, trials, and the events on their way to after-hooks. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { keys } from "@/api/queries";
import type { Plugin } from "@/api/types";

export type PluginMetrics = Schemas["PluginMetrics"];
/** The calls of one hook of one version since the server began; `errors` by what ran out. */
export type HookFigures = PluginMetrics["hooks"][number];
export type Times = HookFigures["wallMs"];

export const metricsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "metrics"],
    queryFn: ({ signal }) => api.get("/api/plugins/{id}/metrics", { path: { id }, signal }),
  });

/** What all plugins of the tenant have used since the server began, all together and each, and what is left of their quota. */
export type PluginLedger = Schemas["PluginLedger"];
export type LedgerRow = PluginLedger["plugins"][number];

export const ledgerQuery = () =>
  queryOptions({
    queryKey: [...keys.plugins, "figures"],
    queryFn: ({ signal }) => api.get("/api/plugins/figures", { signal }),
  });

export type Breakers = Schemas["Breakers"];
export type Breaker = Breakers["hooks"][number];

export const breakersQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "breaker"],
    queryFn: ({ signal }) => api.get("/api/plugins/{id}/breaker", { path: { id }, signal }),
  });

/** Without a hook, all of them. */
export function resetBreaker(id: string, hook?: string): Promise<Breakers> {
  return api.post("/api/plugins/{id}/breaker", { path: { id }, body: hook ? { hook } : {} });
}

/** With `force` also when it does not accept what is configured. */
export function setCanary(id: string, version: string, share: number, force = false): Promise<Plugin> {
  const body = { version, share, ...(force && { force }) };
  return api.post("/api/plugins/{id}/canary", { path: { id }, body });
}

export function endCanary(id: string): Promise<Plugin> {
  return api.delete("/api/plugins/{id}/canary", { path: { id } });
}

export function approveVersion(id: string, version: string, force = false): Promise<Plugin> {
  return api.post("/api/plugins/{id}/approve", { path: { id }, body: { version, ...(force && { force }) } });
}

export function deleteVersion(id: string, version: string): Promise<void> {
  return api.delete("/api/plugins/{id}/versions/{version}", { path: { id, version } });
}

export type TrialRequest = Schemas["TrialInput"];
/** `axis` is what ran out, or how it broke; `writes` what it would have written. */
export type Trial = Schemas["Trial"];

/** A real call whose effects are kept from the world. */
export function tryHook(id: string, body: TrialRequest): Promise<Trial> {
  return api.post("/api/plugins/{id}/test", { path: { id }, body });
}

/** `event` is only there of a single one. */
export type OutboxRow = Schemas["OutboxRow"];

export const outboxKey = ["outbox"] as const;

export const outboxQuery = (query: { page: number; perPage: number; filter?: string }) =>
  queryOptions({
    queryKey: [...outboxKey, "list", query],
    queryFn: ({ signal }) => api.get("/api/outbox", { query: { ...query, sort: "-created" }, signal }),
    placeholderData: keepPreviousData,
  });

export const outboxRowQuery = (id: string) =>
  queryOptions({
    queryKey: [...outboxKey, "one", id],
    queryFn: ({ signal }) => api.get("/api/outbox/{id}", { path: { id }, signal }),
  });

export function replayEvent(id: string): Promise<OutboxRow> {
  return api.post("/api/outbox/{id}/replay", { path: { id } });
}

export function replayEvents(filter: string): Promise<Schemas["Replayed"]> {
  return api.post("/api/outbox/replay", { query: { filter } });
}

export function dropEvent(id: string): Promise<void> {
  return api.delete("/api/outbox/{id}", { path: { id } });
}
