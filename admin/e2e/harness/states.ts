/** What a server says that has been at work for long and not always well: it takes too long to come by in earnest. */

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const spread = (p50: number, p99: number) => ({ p50, p99, max: p99 * 2, total: p50 * 900 });

interface Used {
  calls: number;
  refusals?: number;
  skipped?: number;
  failures?: number;
  errors?: Record<string, number>;
  fuel?: [number, number];
  ms?: [guest: number, host: number, queue: number];
  memoryBytes?: number;
}

function used({ calls, fuel = [0, 0], ms = [0, 0, 0], memoryBytes = 0, ...counts }: Used) {
  const [guestMs, hostMs, queued] = ms;
  return {
    calls,
    refusals: 0,
    skipped: 0,
    failures: 0,
    errors: {},
    ...counts,
    fuel: spread(...fuel),
    wallMs: spread(guestMs / Math.max(1, calls), 41.5),
    queueMs: { ...spread(0.2, 4), total: queued },
    guestMs,
    hostMs,
    hostCalls: calls * 3,
    memoryBytes,
  };
}

const failing: Used = {
  calls: 18_204,
  refusals: 1_932,
  skipped: 61,
  failures: 37,
  errors: { fuel: 21, wall: 12, trap: 4 },
  fuel: [1_204_550, 9_871_000],
  ms: [41_800, 9_300, 2_410],
  memoryBytes: 15_900_000,
};

/** The figures of all plugins, under a quota that is over. */
export const ledger = {
  tenant: "default",
  totals: used(failing),
  quota: { fuelPerSecond: 500_000_000, fuelLeft: -1_400_000_000, refused: 214, limits: {} },
  plugins: [
    { id: "a".repeat(15), name: "image-privacy-and-moderation-for-uploads", version: "12", ...used(failing) },
    {
      id: "b".repeat(15),
      name: "slugs",
      version: "2",
      ...used({ calls: 912, fuel: [5_960, 7_120], ms: [210, 0, 12], memoryBytes: 131_072 }),
    },
    { id: "c".repeat(15), name: "word-limit", version: "1", ...used({ calls: 0 }) },
  ].map((plugin) => ({ ...plugin, state: "active", callsInPlace: 0 })),
};

/** The figures of one plugin of two hooks, one of them of an older version. */
export const metrics = (id: string) => ({
  id,
  name: "slugs",
  version: "2",
  canary: null,
  callsInPlace: 0,
  totals: { ...used(failing), fuel: 1, wallMs: 1, queueMs: 1 },
  hooks: [
    { version: "2", hook: "beforeCreate", ...used(failing) },
    { version: "1", hook: "validate", ...used({ calls: 1, fuel: [5_960, 7_120], ms: [0.4, 0, 0.1] }) },
  ],
});

export const breakers = {
  version: "2",
  hooks: [
    { hook: "beforeCreate", state: "open", calls: 10, failures: 6, probeAt: ago(-40), pauseMs: 60_000 },
    { hook: "beforeUpdate", state: "halfOpen", calls: 4, failures: 1, probeAt: ago(1), pauseMs: 30_000 },
    { hook: "validate", state: "closed", calls: 0, failures: 0 },
  ],
};

const rowsOf = (items: object[]) => ({
  page: 1,
  perPage: 50,
  totalItems: items.length,
  totalPages: 1,
  items,
});

const waiting = {
  plugin: "a".repeat(15),
  pluginName: "webhook",
  attachment: "t".repeat(15),
  collection: "invoices",
  collectionId: "c".repeat(15),
  state: "dead",
  due: null,
  attempts: 10,
  created: ago(7200),
  event: { action: "update", record: { number: "2026-0001", total: 12.5 } },
};

export const outboxRows = rowsOf([
  {
    ...waiting,
    id: "1".repeat(15),
    record: "h9azzozsw376a1m",
    action: "update",
    error:
      "The plugin trapped: unreachable code was executed, 10 times, the last one with “connection refused”.",
  },
  {
    ...waiting,
    id: "2".repeat(15),
    record: "ux6h7tklj1sjadp",
    action: "create",
    state: "pending",
    attempts: 3,
    due: ago(-95),
    error: "503 of https://hooks.example.com/a/very/long/address/that/goes/on",
  },
  {
    ...waiting,
    id: "3".repeat(15),
    record: "har3hnhxf6g6ox4",
    action: "delete",
    state: "pending",
    attempts: 0,
    due: ago(0),
    error: "",
  },
]);

const client = { connected: ago(4000), present: [], waitingMessages: 0, waitingBytes: 0 };
const topics = [
  "posts/*",
  "invoices/h9azzozsw376a1m",
  "rooms/general",
  "comments/*",
  "members/ux6h7tklj1sjadp",
];

export const realtimeClients = rowsOf([
  {
    ...client,
    id: "1",
    transport: "websocket",
    ip: "2001:db8:85a3::8a2e:370:7334",
    auth: { kind: "record", id: "ux6h7tklj1sjadp", collectionName: "members" },
    topics,
    topicCount: 17,
    waitingMessages: 1024,
    waitingBytes: 1_540_000,
  },
  {
    ...client,
    id: "2",
    transport: "sse",
    ip: "203.0.113.7",
    auth: { kind: "guest", id: "", collectionName: "" },
    topics: topics.slice(0, 1),
    topicCount: 1,
  },
]);

export const backupList = [
  { key: "nightly_2026-11-28_03-00-00.zip", size: 48_200_000, modified: ago(70_000) },
  { key: "before-the-move-to-another-provider.zip", size: 1_230_000_000, modified: ago(900_000) },
];
