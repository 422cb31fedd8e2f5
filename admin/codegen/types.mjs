/** The types of `src/api/schema.gen.ts`, made of `openapi.json` beside this file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const description = join(import.meta.dirname, "openapi.json");
export const generated = join(import.meta.dirname, "../src/api/schema.gen.ts");

const head =
  "/** What `/api/openapi.json` says, as types. Made by `npm run api`; changes of it are lost. */\n";

/** The generator is a package of its own, which whoever runs the tests by another way than `npm test` may lack. */
async function generator() {
  // By a variable: what bundles the tests would complain in its own words.
  const name = "openapi-typescript";
  try {
    return await import(/* @vite-ignore */ name);
  } catch (cause) {
    throw new Error("The generator of the types is not installed: run `npm ci --prefix codegen` in admin/.", {
      cause,
    });
  }
}

export async function types() {
  const { default: openapiTypescript, astToString } = await generator();
  const document = JSON.parse(readFileSync(description, "utf8"));
  return head + astToString(await openapiTypescript(document, { emptyObjectsUnknown: true }));
}
