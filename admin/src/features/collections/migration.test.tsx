import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stored, stubServer } from "../../../tests/server";

const posts = aCollection({ name: "posts", fields: [aField("id", "text"), aField("views", "number")] });
const base = {
  "GET /api/admin/session": { body: session },
  ...stored(posts),
  "GET /api/collections/posts/records": pageOf([{ id: "r1" }]),
};
const patchPath = `PATCH /api/collections/${posts.id}`;
const preview = {
  dryRun: true,
  collections: [
    { change: "update", id: posts.id, name: "posts", rows: 3, definition: posts },
    { change: "update", id: "v1", name: "titles", rows: null, definition: posts },
  ],
  statements: ["ALTER TABLE `posts` DROP COLUMN `views`", "CREATE INDEX `i` ON `posts` (`id`)"],
};
const tried = ({ query }: Call) => query.get("dryRun") === "1";

async function review(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(await screen.findByRole("button", { name: "Remove views" }));
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  return within(await screen.findByRole("dialog"));
}

test("what a change does to the database is asked for when it is unfolded", async () => {
  const calls = stubServer({ ...base, [patchPath]: { body: preview } });
  const { user } = renderApp("/collections/posts");
  const dialog = await review(user);
  expect(calls.some(tried)).toBe(false);
  await user.click(dialog.getByText("What happens in the database"));
  const touched = await dialog.findByRole("list", { name: "Data that is touched" });
  expect(
    within(touched)
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent),
  ).toEqual(["Changedposts3 records", "Changedtitlesa view, without data of its own"]);
  expect(dialog.getByText(/DROP COLUMN `views`;\s+CREATE INDEX/)).toBeVisible();
  expect(dialog.getByRole("button", { name: "Copy SQL" })).toBeVisible();
  expect(calls.filter(tried).map(({ method, body }) => [method, body])).toEqual([
    ["PATCH", { fields: [posts.fields[0]] }],
  ]);
});

test("a change of definitions alone says so", async () => {
  stubServer({ ...base, [patchPath]: { body: { ...preview, statements: [] } } });
  const { user } = renderApp("/collections/posts");
  const dialog = await review(user);
  await user.click(dialog.getByText("What happens in the database"));
  expect(await dialog.findByText("No table changes, only definitions.")).toBeVisible();
});

test("what is wrong with a change is said where it is tried, and an absent server can be asked again", async () => {
  const data = { fields: { 0: { name: { code: "validation_invalid", message: "Must be another." } } } };
  let reply: "down" | ReturnType<typeof refusal> = "down";
  stubServer({ ...base, [patchPath]: () => reply });
  const { user } = renderApp("/collections/posts");
  const dialog = await review(user);
  await user.click(dialog.getByText("What happens in the database"));
  const again = await dialog.findByRole("button", { name: "Try again" });
  reply = refusal(400, "Failed to update collection.", data);
  await user.click(again);
  expect(await dialog.findByText(/Must be another/)).toBeVisible();
  expect(dialog.getByText("fields.0.name")).toBeVisible();
});

test("an import is tried as it would be sent", async () => {
  const calls = stubServer({ ...base, "PUT /api/collections/import": { body: preview } });
  const { user } = renderApp("/collections");
  await user.click(await screen.findByRole("button", { name: "Import and export" }));
  await user.click(await screen.findByRole("menuitem", { name: "Import from JSON" }));
  const definition = { name: "fresh", type: "base" };
  const file = new File([JSON.stringify([definition])], "x.json", { type: "application/json" });
  await user.upload(screen.getByLabelText("File of definitions"), file);
  await user.click(await screen.findByText("What happens in the database"));
  expect(await screen.findByText(/DROP COLUMN `views`;/)).toBeVisible();
  await waitFor(() =>
    expect(calls.filter(tried).map(({ body }) => body)).toEqual([
      { collections: [definition], deleteMissing: false },
    ]),
  );
});

test("a new collection is tried when there is a name for it, and what stands against it is said", async () => {
  const create = "POST /api/collections";
  const data = { name: { code: "validation_collection_name_exists", message: "The name is taken." } };
  const made = [{ change: "create", id: "n1", name: "notes", rows: 0, definition: posts }];
  const statements = ["CREATE TABLE `notes` (`id` TEXT PRIMARY KEY)"];
  const calls = stubServer({
    ...base,
    [create]: ({ body }: Call) =>
      (body as { name: string }).name === "notes"
        ? { body: { dryRun: true, collections: made, statements } }
        : refusal(400, "Failed to create collection.", data),
  });
  const { user } = renderApp("/collections");
  await user.click(await screen.findByRole("button", { name: "New collection" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.queryByText("What happens in the database")).toBeNull();
  await user.type(dialog.getByLabelText("Name"), "notes");
  await user.click(await dialog.findByText("What happens in the database"));
  expect(await dialog.findByText(/CREATE TABLE `notes`/)).toBeVisible();
  expect(dialog.getByText(/curl -X POST/)).toBeInTheDocument();
  await user.type(dialog.getByLabelText("Name"), "2");
  expect(await dialog.findByText(/The name is taken/)).toBeVisible();
  const sent = calls.filter(({ method }) => method === "POST");
  expect(sent.every(tried)).toBe(true);
  expect(sent.map(({ body }) => (body as { name: string }).name)).toEqual(["notes", "notes2"]);
});

test("a definition is changed by the tag of what was looked at", async () => {
  const calls = stubServer({ ...base, [patchPath]: { body: { ...posts, fields: [posts.fields[0]] } } });
  const { user } = renderApp("/collections/posts");
  const dialog = await review(user);
  await user.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const sent = calls.find(({ method }) => method === "PATCH");
  expect(sent?.headers.get("If-Match")).toBe(`"${posts.id}-1"`);
});

test.each([
  [
    "before the tag was asked for",
    { [`GET /api/collections/${posts.id}`]: { body: { ...posts, listRule: "" } } },
  ],
  ["in between", { [patchPath]: refusal(412, "The collection was changed since you have seen it.") }],
])("a definition that somebody else has changed %s is not overwritten", async (_, answers) => {
  const calls = stubServer({ ...base, ...answers });
  const { user } = renderApp("/collections/posts");
  const dialog = await review(user);
  const lists = () => calls.filter(({ path }) => path === "/api/collections").length;
  const before = lists();
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(await dialog.findByText("Somebody else has changed it meanwhile")).toBeVisible();
  expect(lists()).toBeGreaterThan(before);
});

test("a collection that somebody else has changed is not deleted", async () => {
  const path = `DELETE /api/collections/${posts.id}`;
  const calls = stubServer({ ...base, [path]: refusal(412, "The collection was changed.") });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "More actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete collection" }));
  const question = await screen.findByRole("alertdialog");
  await user.type(within(question).getByLabelText("Type posts to confirm"), "posts");
  await user.click(within(question).getByRole("button", { name: "Delete" }));
  expect(await within(question).findByText(/Nothing is deleted yet/)).toBeVisible();
  expect(calls.find(({ method }) => method === "DELETE")?.headers.get("If-Match")).toBe(`"${posts.id}-1"`);
});
