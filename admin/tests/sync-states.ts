/** States of the copy in a libSQL server, as they are seldom met together: for unit tests and for pictures. */
import type { SyncedCollection, SyncStatus, SyncVerification } from "@/api/sync";

export const idle: SyncVerification = {
  state: "idle",
  rows: 0,
  total: 0,
  differences: 0,
  found: [],
  problem: "",
  started: "",
  ended: "",
};
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

export const copyUrl = "https://shop-me.aws-eu-west-1.turso.io";
const collections: [SyncedCollection, SyncedCollection, SyncedCollection] = [
  { id: "a", name: "invoices", state: "following", rows: 48_210, copied: 48_210, total: 48_210 },
  { id: "b", name: "members", state: "following", rows: 1_377, copied: 1_377, total: 1_377 },
  { id: "c", name: "posts", state: "following", rows: 312, copied: 312, total: 312 },
];
const [invoices, members, posts] = collections;
const following: SyncStatus = {
  state: "following",
  url: copyUrl,
  lastSuccess: ago(2_000),
  error: "",
  errorAt: "",
  errors: 0,
  behind: 0,
  behindMs: 0,
  collections,
  verify: idle,
};
export const syncOff: SyncStatus = { ...following, state: "off", url: "", lastSuccess: "", collections: [] };

export const syncStates = {
  following,
  copying: {
    ...following,
    state: "copying",
    behind: 12,
    behindMs: 4_000,
    collections: [
      { ...invoices, state: "copying", rows: 0, copied: 31_400 },
      { ...members, state: "waiting", rows: 0, copied: 0, total: 0 },
      { ...posts, state: "following" },
    ],
  },
  failing: {
    ...following,
    state: "failing",
    error:
      "the server cannot be reached: client error (Connect): tcp connect error: Connection refused (os error 111)",
    errorAt: ago(9_000),
    errors: 14,
    behind: 1_284,
    behindMs: 5_400_000,
    lastSuccess: ago(5_460_000),
    collections: [invoices, members, { ...posts, state: "blocked", rows: 0, copied: 0, total: 0 }],
    verify: { ...idle, state: "failed", problem: "the copy is not complete yet: posts" },
  },
  differing: {
    ...following,
    verify: {
      ...idle,
      state: "done",
      rows: 49_898,
      total: 49_898,
      differences: 3,
      found: [
        { collection: "invoices", id: "k2v9x0m4q7c1z8a", what: "different" },
        { collection: "invoices", id: "k2v9x0m4q7c1z8b", what: "missing" },
        { collection: "posts", id: "zzzzzzzzzzzzzzz", what: "extra" },
      ],
    },
  },
  comparing: { ...following, verify: { ...idle, state: "running", rows: 31_000, total: 49_899 } },
} satisfies Record<string, SyncStatus>;
