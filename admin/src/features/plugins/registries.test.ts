import { expect, test } from "vitest";
import { ApiError } from "@/api/errors";
import { describeCapabilities } from "./capabilities";
import { attachableHooks, canFailTheWrite, hookLabel, momentHooks, otherExports, writeHooks } from "./hooks";
import { describeProblem } from "./problems";

const names = (exports: string[]) => attachableHooks(exports).map((hook) => hook.name);

test("exports become hooks, in the order of a write", () => {
  expect(names(["after-delete", "validator", "before-create"])).toEqual([
    "beforeCreate",
    "validate",
    "afterDelete",
  ]);
  expect(names(["tinybase:plugin/before-update@0.1.0"])).toEqual(["beforeUpdate"]);
});

test("hooks of a sign-in can be attached, and have no record to be tried on", () => {
  expect(names(["token-claims", "before-sign-in", "validator"])).toEqual([
    "validate",
    "beforeSignIn",
    "tokenClaims",
  ]);
  expect(writeHooks(["token-claims", "before-create"]).map(({ name }) => name)).toEqual(["beforeCreate"]);
});

test("exports that are no hook of a collection are kept apart", () => {
  const exports = [
    "before-create",
    "tinybase:plugin/scheduled@0.1.0",
    "wasi:http/incoming-handler@0.2.3",
    "dream",
  ];
  expect(names(exports)).toEqual(["beforeCreate"]);
  expect(momentHooks(exports).map(({ name }) => name)).toEqual(["scheduled", "route"]);
  expect(otherExports(exports)).toEqual(["dream"]);
});

test("only what runs before a write, or within it, can fail it", () => {
  expect(canFailTheWrite(["afterCreate", "afterDelete"])).toBe(false);
  expect(canFailTheWrite(["afterCreate", "validate"])).toBe(true);
});

test("a hook of a newer server has no words", () => {
  expect(hookLabel("beforeCreate")).toBe("hook.beforeCreate");
  expect(hookLabel("route")).toBe("hook.route");
  expect(hookLabel("beforeDream")).toBeNull();
});

test("capabilities are put in words, WASI as one, the unknown under its name", () => {
  const asked = describeCapabilities(["log", "wasi:cli", "wasi:clocks", "telepathy"]);
  expect(asked.map(({ label }) => label)).toEqual(["Write to its own log", "telepathy", "Runtime basics"]);
  expect(describeCapabilities([])).toEqual([]);
});

function refused(code: string, message = "from the server") {
  return new ApiError({
    kind: "refused",
    status: 400,
    message: "Refused.",
    fields: { file: { code, message } },
    requestId: "req-1",
  });
}

test.each([
  "plugin_not_component",
  "plugin_unknown_import",
  "plugin_no_hooks",
  "plugin_too_large",
  "plugin_too_complex",
  "plugin_compile_timeout",
  "plugin_invalid",
])("%s is explained, with what the server found", (code) => {
  const problem = describeProblem(refused(code));
  expect(problem.detail).toBe("from the server");
  expect(problem.requestId).toBe("req-1");
  expect(problem.title).not.toBe("The plugin was refused");
  expect(problem.canRetry).toBe(code === "plugin_compile_timeout");
});

test("a code of a newer server is shown in the server's words", () => {
  expect(describeProblem(refused("plugin_cursed"))).toMatchObject({
    title: "The plugin was refused",
    text: "from the server",
  });
});

test("a proxy that refuses the size is told as such", () => {
  const error = new ApiError({ kind: "unreadable", status: 413, message: "" });
  expect(describeProblem(error).title).toBe("The file is too large");
});

test("a server that is away can be tried again", () => {
  const error = new ApiError({ kind: "network", status: 0, message: "" });
  expect(describeProblem(error)).toMatchObject({ title: "The server does not answer", canRetry: true });
});
