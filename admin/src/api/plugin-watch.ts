/** How plugins fare: figures of their calls, breakers, canaries, trials, and the events on their way to after-hooks. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { EffectiveLimits, Page, Plugin, PluginLogLine } from "@/api/types";

const path = (id: string) => `/api/plugins/${encodeURIComponent(id)}`;

export interface Times {
  p50: number;
  p99: number;
  max: number;
  total: number;
}

/** The calls of one hook of one version since the server began. */
export interface HookFigures {
  version: string;
  hook: string;
  calls: number;
  refusals: number;
  skipped: number;
  failures: number;
  /** By what ran out. */
  errors: Record<string, number>;
  fuel: Times;
  wallMs: Times;
  queueMs: Times;
  guestMs: number;
  hostMs: number;
  hostCalls: number;
  /** The most that a call has used. */
  memoryBytes: number;
}

export interface PluginMetrics {
  totals: { calls: number; refusals: number; skipped: number; failures: number };
  hooks: HookFigures[];
}

export const metricsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "metrics"],
    queryFn: ({ signal }) => api.get<PluginMetrics>(`${path(id)}/metrics`, { signal }),
  });

export interface Breaker {
  hook: string;
  state: "closed" | "open" | "halfOpen";
  calls: number;
  failures: number;
  probeAt?: string;
  pauseMs?: number;
}

export interface Breakers {
  version: string;
  hooks: Breaker[];
  canary?: { version: string; hooks: Breaker[] } | null;
}

export const breakersQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "breaker"],
    queryFn: ({ signal }) => api.get<Breakers>(`${path(id)}/breaker`, { signal }),
  });

/** Without a hook, all of them. */
export function resetBreaker(id: string, hook?: string): Promise<Breakers> {
  return api.post(`${path(id)}/breaker`, { body: hook ? { hook } : {} });
}

export function setCanary(id: string, version: string, share: number): Promise<Plugin> {
  return api.post(`${path(id)}/canary`, { body: { version, share } });
}

export function endCanary(id: string): Promise<Plugin> {
  return api.delete(`${path(id)}/canary`);
}

export function approveVersion(id: string, version: string): Promise<Plugin> {
  return api.post(`${path(id)}/approve`, { body: { version } });
}

export function deleteVersion(id: string, version: string): Promise<void> {
  return api.delete(`${path(id)}/versions/${encodeURIComponent(version)}`);
}

export interface TrialRequest {
  hook: string;
  collection: string;
  record?: unknown;
  original?: unknown;
  config?: Record<string, unknown>;
  version?: string;
  as?: "guest";
}

export interface Trial {
  hook: string;
  version: string;
  result: "accepted" | "refused" | "failed";
  changes?: Record<string, unknown>;
  errors?: Record<string, { code: string; message: string }>;
  message?: string;
  status?: number;
  /** What ran out, or how it broke. */
  axis?: string;
  /** What it would have written. */
  writes: { verb: string; collection: string; id?: string; fields?: Record<string, unknown> }[];
  log: PluginLogLine[];
  usage: { fuel: number; wallMs: number; hostMs: number; memoryBytes: number; hostCalls: number };
  limits: EffectiveLimits;
}

/** A real call whose effects are kept from the world. */
export function tryHook(id: string, body: TrialRequest): Promise<Trial> {
  return api.post(`${path(id)}/test`, { body });
}

export interface OutboxRow {
  id: string;
  state: "pending" | "dead";
  plugin: string;
  pluginName: string;
  collection: string;
  record: string;
  action: string;
  attempts: number;
  due: string | null;
  error: string;
  created: string;
  /** Only of a single event. */
  event?: Record<string, unknown>;
}

export const outboxKey = ["outbox"] as const;

export const outboxQuery = (query: { page: number; perPage: number; filter?: string }) =>
  queryOptions({
    queryKey: [...outboxKey, "list", query],
    queryFn: ({ signal }) =>
      api.get<Page<OutboxRow>>("/api/outbox", { query: { ...query, sort: "-created" }, signal }),
    placeholderData: keepPreviousData,
  });

export const outboxRowQuery = (id: string) =>
  queryOptions({
    queryKey: [...outboxKey, "one", id],
    queryFn: ({ signal }) => api.get<OutboxRow>(`/api/outbox/${encodeURIComponent(id)}`, { signal }),
  });

export function replayEvent(id: string): Promise<OutboxRow> {
  return api.post(`/api/outbox/${encodeURIComponent(id)}/replay`);
}

export function replayEvents(filter: string): Promise<{ replayed: number }> {
  return api.post("/api/outbox/replay", { query: { filter } });
}

export function dropEvent(id: string): Promise<void> {
  return api.delete(`/api/outbox/${encodeURIComponent(id)}`);
}
