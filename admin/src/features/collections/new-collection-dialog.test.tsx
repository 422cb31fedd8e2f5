import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Collection } from "@/api/types";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { refusal, session, stored, stubServer } from "../../../tests/server";

const posts = aCollection({
  name: "posts",
  fields: [aField("id", "text", { system: true, primaryKey: true }), aField("title", "text")],
  indexes: ["CREATE INDEX `idx_title` ON `posts` (`title`)"],
});
const base = { "GET /api/admin/session": { body: session }, ...stored(posts) };

test("a copy takes the definition along under its own names", async () => {
  const calls = stubServer({
    ...base,
    "POST /api/collections": ({ body }) => ({ body: { ...posts, id: "pbc_copy", ...(body as object) } }),
  });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "More actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Duplicate" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Create" }));
  await waitFor(() => expect(calls.some(({ method }) => method === "POST")).toBe(true));
  const sent = calls.find(({ method }) => method === "POST")?.body as Collection;
  expect(sent).toMatchObject({
    name: "posts_copy",
    indexes: ["CREATE INDEX `idx_posts_copy_1` ON `posts_copy` (`title`)"],
  });
  expect(sent.fields.every((field) => !("id" in field))).toBe(true);
  expect(sent).not.toHaveProperty("id");
});

test("what a copy has no input for is said above it when it is refused", async () => {
  const data = { viewQuery: { code: "validation_invalid_view_query", message: "It reads nothing." } };
  stubServer({ ...base, "POST /api/collections": refusal(400, "Failed to create collection.", data) });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "More actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Duplicate" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Create" }));
  expect(await within(dialog).findByText("It reads nothing.")).toBeVisible();
});
