import { expect, test } from "vitest";
import { actionLabel, kindLabel } from "./activity-words";

test("what the server tells of itself has words, and what is newer its own name", () => {
  expect([kindLabel("backup"), actionLabel("restore")]).toEqual(["Backup", "restored"]);
  expect([kindLabel("moon"), actionLabel("land")]).toEqual(["moon", "land"]);
});
