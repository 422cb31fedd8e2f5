import type { Stats } from "@/api/system";
import type { Attachment, Collection, EffectiveLimits, Field, Plugin } from "@/api/types";

export function aCollection(parts: Partial<Collection> = {}): Collection {
  return {
    id: `pbc_${parts.name ?? "posts"}`,
    name: "posts",
    type: "base",
    system: false,
    fields: [{ id: "f1", name: "title", type: "text", required: true }],
    listRule: null,
    viewRule: null,
    createRule: null,
    updateRule: null,
    deleteRule: null,
    indexes: [],
    created: "2026-11-20 10:00:00.000Z",
    updated: "2026-11-22 10:00:00.000Z",
    ...parts,
  };
}

export function aPlugin(parts: Partial<Plugin> = {}): Plugin {
  return {
    id: "p1",
    name: "slugify",
    version: "0.1.0",
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    size: 91_234,
    exports: ["before-create", "before-update"],
    imports: [],
    capabilities: [],
    manifest: {},
    compileMs: 212,
    loaded: true,
    state: "uploaded",
    created: "2026-11-22 10:00:00.000Z",
    activated: "2026-11-22 10:00:00.000Z",
    approved: true,
    healthy: true,
    withdrawn: false,
    canary: null,
    report: {},
    ...parts,
  };
}

export function anAttachment(parts: Partial<Attachment> = {}): Attachment {
  return {
    id: "a1",
    plugin: "p1",
    collection: "posts",
    hooks: ["beforeCreate"],
    order: 0,
    enabled: true,
    config: {},
    fields: {},
    limits: {},
    effectiveLimits: {},
    onFailure: "closed",
    created: "2026-11-22 10:00:00.000Z",
    ...parts,
  };
}

/** What the calls of a hook get. */
export function someLimits(parts: Partial<EffectiveLimits> = {}): EffectiveLimits {
  return {
    fuel: 10_000_000,
    fuelPerKib: 1000,
    wallMs: 50,
    memoryMb: 16,
    hostCalls: 64,
    bytesPerCall: 1_048_576,
    handles: 64,
    logBytes: 65_536,
    ...parts,
  };
}

/** A field with an id made of its name. */
export function aField(name: string, type: string, options: Partial<Field> = {}): Field {
  return { id: `f_${name}`, name, type, ...options };
}

/** The figures of a server that is well. */
export function someStats(parts: Partial<Stats> = {}): Stats {
  const latencyMs = { p50: 0.4, p90: 1, p95: 2, p99: 3, p999: 8, max: 9 };
  return {
    uptimeS: 7200,
    requests: {
      total: 5000,
      byStatus: { "2xx": 4990, "4xx": 10, "5xx": 0 },
      latencyMs,
      lastMinute: { seconds: 60, total: 120, perSecond: 2, latencyMs },
    },
    process: {
      memoryBytes: 48_000_000,
      memoryPeakBytes: 60_000_000,
      cpuSeconds: 72,
      cores: 2,
      threads: 20,
      openFiles: 40,
    },
    connections: { http: 3, realtime: 1 },
    database: { bytes: 1_200_000, walBytes: 32_000, logsBytes: 50_000, work: {} },
    storage: { kind: "local", files: 12, bytes: 3_400_000, complete: true },
    totals: { collections: 2, records: 1234, recordsOf: { posts: 1200, members: 34 } },
    logs: { dropped: 0 },
    outbox: { pending: 0, dead: 0 },
    plugins: [],
    pluginTotals: { calls: 0, failures: 0, refusals: 0 },
    pluginThreads: { awaited: 0, background: 0 },
    ...parts,
  };
}
