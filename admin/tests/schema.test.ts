/** The committed types are those that the committed description gives; that the description is the server's, its own tests tell. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generated, types } from "../codegen/types.mjs";

test("the types of the API are made anew by `npm run api`", async () => {
  expect(await types()).toBe(readFileSync(generated, "utf8"));
});
