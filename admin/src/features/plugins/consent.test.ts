import { expect, test } from "vitest";
import { aPlugin } from "../../../tests/samples";
import { problemAt } from "./config-problems";
import { consentOf, isGranted, requested } from "./consent";

test("what needs no grant, what has one, what lacks one", () => {
  expect(consentOf("log", {}).state).toBe("free");
  expect(consentOf("records", {}).state).toBe("missing");
  expect(consentOf("telepathy", {}).state).toBe("unknown");
  expect(consentOf("records", undefined).state).toBe("unknown");
  expect(isGranted("mail")).toBe(true);
  expect(isGranted("kv")).toBe(false);
});

test.each([
  [
    "http-client",
    { http: { hosts: ["api.x.com"], methods: ["GET", "POST"] } },
    ["GET and POST of api.x.com"],
  ],
  ["http-client", { http: { hosts: ["*.y.com"] } }, ["GET of *.y.com"]],
  ["secrets", { secrets: ["A"], signing: ["B"] }, ["A, as a placeholder", "B, to sign with"]],
  ["mail", { mail: { to: "any" as const } }, ["To anybody"]],
  ["mail", { mail: { to: ["*@x.com"] } }, ["To *@x.com"]],
  ["realtime", { realtime: ["orders/*"] }, ["orders/*"]],
  ["files", { files: ["read" as const] }, ["Read files"]],
  ["clock", { clock: true }, ["The time of day is the real one"]],
])("%s is told in words", (capability, grants, lines) => {
  expect(consentOf(capability, grants)).toEqual({ state: "given", lines });
});

test("a list without entries gives nothing", () => {
  expect(consentOf("mail", { mail: { to: [] } }).state).toBe("missing");
  expect(consentOf("random", { random: false }).state).toBe("missing");
});

test("what the author asks for is filled in, but for any collection", () => {
  const manifest = {
    requests: {
      records: [{ collection: "*" }, { collection: "audit", verbs: ["create"], as: "plugin" }],
      http: { hosts: ["api.x.com"] },
    },
  };
  expect(requested(aPlugin({ manifest: manifest as never }))).toEqual({
    records: [{ collection: "audit", verbs: ["create"], as: "plugin" }],
    http: { hosts: ["api.x.com"] },
  });
  expect(requested(aPlugin())).toBeNull();
  expect(requested(aPlugin({ manifest: { requests: {} } }))).toBeNull();
});

test("a mistake in a line is one of its field", () => {
  expect(problemAt({ "http.hosts.1": "Not a host." }, "http.hosts")).toBe("Not a host.");
  expect(problemAt({ "http.hostsfile": "No." }, "http.hosts")).toBeUndefined();
});
