/** What the server is and does: `/api/system`. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";

export interface Latency {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface PluginCalls {
  id: string;
  calls: number;
  failures: number;
}

/** As far as the dashboard shows it. What the system does not tell is `null`. */
export interface Stats {
  uptimeS: number;
  requests: {
    total: number;
    byStatus: Record<string, number>;
    latencyMs: Latency;
    lastMinute: { seconds: number; total: number; perSecond: number; latencyMs: Latency };
  };
  process: {
    memoryBytes: number | null;
    memoryPeakBytes: number | null;
    cpuSeconds: number | null;
    cores: number | null;
    threads: number | null;
    openFiles: number | null;
  };
  connections: { http: number; realtime: number };
  database: { bytes: number; walBytes: number; logsBytes: number };
  storage: { kind: string; files: number | null; bytes: number | null; complete: boolean };
  totals: { collections: number; records: number; recordsOf: Record<string, number> };
  logs: { dropped: number };
  outbox: { pending: number; dead: number };
  plugins: PluginCalls[];
}

export const statsKey = ["stats"] as const;

/** How often a page that shows what goes on asks again. */
export const statsPauseMs = 5000;

export const statsQuery = () =>
  queryOptions({
    queryKey: statsKey,
    queryFn: ({ signal }) => api.get<Stats>("/api/system/stats", { signal }),
  });

export interface SystemInfo {
  version: string;
  engine: { database: string; plugins: string };
  platform: string;
  uptimeS: number;
  durability: string;
  workers: number;
  databaseThreads: number;
  pluginThreads: number;
  limits: Record<string, number>;
}

export const systemInfoQuery = () =>
  queryOptions({
    queryKey: ["system-info"],
    queryFn: ({ signal }) => api.get<SystemInfo>("/api/system/info", { signal }),
    staleTime: 60_000,
  });
