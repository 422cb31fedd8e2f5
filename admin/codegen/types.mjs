/** The types of `src/api/schema.gen.ts`, made of `openapi.json` beside this file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import openapiTypescript, { astToString } from "openapi-typescript";

export const description = join(import.meta.dirname, "openapi.json");
export const generated = join(import.meta.dirname, "../src/api/schema.gen.ts");

const head =
  "/** What `/api/openapi.json` says, as types. Made by `npm run api`; changes of it are lost. */\n";

export async function types() {
  const document = JSON.parse(readFileSync(description, "utf8"));
  return head + astToString(await openapiTypescript(document, { emptyObjectsUnknown: true }));
}
