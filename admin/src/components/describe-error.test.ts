import { expect, test } from "vitest";
import { errorFromResponse } from "@/api/errors";
import { describeError } from "./describe-error";

function described(status: number, data: object): string {
  const body = JSON.stringify({ status, message: "Something went wrong.", data });
  return describeError(errorFromResponse(status, body, () => null)).title;
}

test("a plugin that fails is not the server's failure", () => {
  const plugin = (code: string) => ({ plugin: { code, message: "The plugin failed.", axis: "output" } });
  expect(described(500, plugin("plugin_failed"))).toBe("A plugin failed");
  expect(described(503, plugin("plugin_unavailable"))).toBe("A plugin is stopped");
  expect(described(500, {})).toBe("The server failed");
});
