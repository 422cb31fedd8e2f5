import { expect, test } from "vitest";
import { conflictOf, withoutTheirs } from "./conflict";

const base = {
  meta: { appName: "Acme", appURL: "http://localhost" },
  smtp: { host: "a", port: 25 },
  backups: { cron: "", s3: { enabled: false } },
  superuserIPs: [] as unknown as Record<string, unknown>,
  sources: {},
};

test("only what both have changed, and to different things, is a conflict", () => {
  const stored = {
    ...base,
    meta: { appName: "Theirs", appURL: "http://other" },
    smtp: { host: "b", port: 26 },
  };
  const body = { meta: { appName: "Mine" }, smtp: { host: "b" } };
  expect(conflictOf(body, base, stored)).toEqual({
    settings: [{ path: "meta.appName", mine: "Mine", theirs: "Theirs", secret: false }],
    others: ["meta.appURL", "smtp.port"],
  });
  expect(conflictOf({ backups: { cron: "@daily" } }, base, stored).settings).toEqual([]);
});

test("lists are one value, and sections may lie in sections", () => {
  const list = ["10.0.0.1"] as unknown as Record<string, unknown>;
  const stored = { ...base, superuserIPs: list, backups: { cron: "", s3: { enabled: true } } };
  const body = { superuserIPs: ["10.0.0.2"], backups: { s3: { enabled: false } } };
  expect(conflictOf(body, base, stored).settings.map(({ path }) => path)).toEqual([
    "superuserIPs",
    "backups.s3.enabled",
  ]);
});

test("of a secret nobody knows whether it is what was changed, so it is asked about", () => {
  expect(conflictOf({ smtp: { password: "mine" } }, base, base).settings).toEqual([
    { path: "smtp.password", mine: "mine", theirs: undefined, secret: true },
  ]);
});

test("what is known of the settings beside them is no setting", () => {
  const stored = { ...base, sources: { "smtp.host": { origin: "file" } } };
  expect(conflictOf({ smtp: { host: "c" } }, base, stored)).toEqual({ settings: [], others: [] });
});

test("what theirs stays of is not sent", () => {
  const body = { meta: { appName: "Mine", appURL: "u" }, smtp: { host: "b" }, superuserIPs: ["x"] };
  const choices = { "meta.appName": "theirs", "smtp.host": "theirs", superuserIPs: "mine" } as const;
  expect(withoutTheirs(body, choices)).toEqual({ meta: { appURL: "u" }, superuserIPs: ["x"] });
});
