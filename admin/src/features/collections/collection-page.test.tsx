import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Collection } from "@/api/types";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { pageOf, refusal, session, stored, stubServer } from "../../../tests/server";

const people = aCollection({ name: "people", type: "auth", fields: [aField("name", "text")] });
const posts = aCollection({
  name: "posts",
  fields: [
    aField("id", "text", { system: true, primaryKey: true }),
    aField("title", "text", { required: true }),
    aField("views", "number"),
  ],
  indexes: ["CREATE INDEX `idx_title` ON `posts` (`title`)"],
});
const base = {
  "GET /api/admin/session": { body: session },
  ...stored(posts, people),
  "GET /api/collections/posts/records": pageOf([{ id: "r1" }]),
};
const patchPath = `PATCH /api/collections/${posts.id}`;

const rows = () =>
  within(screen.getByRole("list", { name: "Fields" }))
    .getAllByRole("listitem")
    .map((row) => row.textContent ?? "");

async function save(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  return dialog;
}

test("a field is added, set, reviewed and saved", async () => {
  const calls = stubServer({
    ...base,
    [patchPath]: ({ body }) => ({ body: { ...posts, ...(body as object) } }),
  });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Add a field" }));
  await user.type(await screen.findByLabelText("Find a kind"), "price number{Enter}");
  const sheet = await screen.findByRole("dialog", { name: "price" });
  await user.type(within(sheet).getByLabelText("Smallest value"), "1");
  await user.click(within(sheet).getByRole("switch", { name: "Required" }));
  await user.click(within(sheet).getByRole("button", { name: "Done" }));
  expect(rows().at(-1)).toContain("price");
  expect(screen.getByText("1 change")).toBeVisible();
  const dialog = await save(user);
  expect(dialog).toHaveTextContent("Field price");
  await waitFor(() => expect(screen.queryByText("1 change")).toBeNull());
  const sent = calls.find(({ method }) => method === "PATCH")?.body as Collection;
  expect(Object.keys(sent)).toEqual(["fields"]);
  expect(sent.fields.at(-1)).toEqual({ name: "price", type: "number", min: 1, required: true });
});

test("a name is judged while it is typed, and a wrong one cannot be saved", async () => {
  stubServer(base);
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Settings of views" }));
  const sheet = await screen.findByRole("dialog");
  const name = within(sheet).getByLabelText("Name");
  await user.clear(name);
  await user.type(name, "TITLE");
  expect(within(sheet).getByText("Another field has this name.")).toBeVisible();
  await user.clear(name);
  await user.type(name, "1st");
  expect(within(sheet).getByText(/Use letters, digits and underscores/)).toBeVisible();
  await user.click(within(sheet).getByRole("button", { name: "Done" }));
  expect(screen.getByRole("button", { name: "Review and save" })).toBeDisabled();
});

test("a removed field can be taken back, and what goes with it is said before saving", async () => {
  stubServer(base);
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Remove views" }));
  expect(screen.getByText("removed when you save")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("Data will be lost with the removed fields");
  expect(await within(dialog).findByText("1 record is affected.")).toBeVisible();
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  await user.click(screen.getByRole("button", { name: "Keep views" }));
  expect(screen.queryByRole("button", { name: "Review and save" })).toBeNull();
});

test("fields are moved by buttons, and the order is a change", async () => {
  stubServer(base);
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Move views up" }));
  expect(rows()[1]).toContain("views");
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  expect(await screen.findByText("Order of the fields")).toBeVisible();
});

test("what the server says of a field stands at that field", async () => {
  const data = { fields: { 2: { max: { code: "validation_invalid", message: "Must be larger." } } } };
  stubServer({ ...base, [patchPath]: refusal(400, "Failed to update collection.", data) });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Move views up" }));
  await user.click(screen.getByRole("button", { name: "Move views down" }));
  await user.click(screen.getByRole("button", { name: "Settings of views" }));
  await user.type(await screen.findByLabelText("Largest value"), "3");
  await user.click(screen.getByRole("button", { name: "Done" }));
  const dialog = await save(user);
  expect(await within(dialog).findByText(/Must be larger/)).toBeVisible();
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(rows()[2]).toContain("Must be larger.");
  expect(screen.getByText("1 mistake")).toBeVisible();
});

test("leaving with changes asks, another tab of the page does not", async () => {
  stubServer(base);
  const { user, address } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Remove views" }));
  await user.click(screen.getByRole("tab", { name: /Rules/ }));
  await waitFor(() => expect(address()).toBe("/collections/posts?tab=rules"));
  await user.click(screen.getByRole("link", { name: "Back to Collections" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Discard" }));
  await waitFor(() => expect(address()).toBe("/collections"));
});

test("a rule is locked, for everyone, or checked while it is typed", async () => {
  const calls = stubServer({
    ...base,
    "POST /api/rules/check": ({ body }) => ({
      body: (body as { rule: string }).rule.includes("titel")
        ? {
            valid: false,
            errors: [
              {
                start: 0,
                end: 5,
                code: "rule_unknown_field",
                message: "No field titel",
                hint: "did you mean title?",
              },
            ],
          }
        : { valid: true, errors: [], explanation: "title is x" },
    }),
    [patchPath]: ({ body }) => ({ body: { ...posts, ...(body as object) } }),
  });
  const { user } = renderApp("/collections/posts?tab=rules");
  const list = await screen.findByRole("region", { name: "List" });
  await user.click(within(list).getByRole("radio", { name: "Rule" }));
  await user.type(within(list).getByLabelText("Rule for List"), "titel = 'x'");
  expect(await within(list).findByText("No field titel; did you mean title?")).toBeVisible();
  await user.clear(within(list).getByLabelText("Rule for List"));
  await user.type(within(list).getByLabelText("Rule for List"), "title = 'x'");
  expect(await within(list).findByText("Holds when title is x.")).toBeVisible();
  await user.click(
    within(screen.getByRole("region", { name: "View" })).getByRole("radio", { name: "Everyone" }),
  );
  await save(user);
  await waitFor(() =>
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
      listRule: "title = 'x'",
      viewRule: "",
    }),
  );
});

test("a server that cannot check rules is no obstacle", async () => {
  stubServer(base);
  const { user } = renderApp("/collections/posts?tab=rules");
  const list = await screen.findByRole("region", { name: "List" });
  await user.click(within(list).getByRole("radio", { name: "Rule" }));
  await user.click(within(list).getByRole("button", { name: "Signed in" }));
  expect(within(list).getByLabelText("Rule for List")).toHaveValue("@request.auth.id != ''");
  await user.click(within(list).getByRole("button", { name: "Try it as…" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Try" }));
  expect(await within(dialog).findByText(/This server cannot try rules/)).toBeVisible();
});

test("a rule is tried as somebody", async () => {
  const calls = stubServer({
    ...base,
    "GET /api/collections/people/records": pageOf([{ id: "p1" }]),
    "POST /api/rules/try": {
      body: {
        allowed: false,
        explanation: "`title` is x",
        decidedBy: { text: "title = 'x'", value: false },
        refusal: { status: 404, message: "Not found.", data: {} },
        visible: { count: 2, more: false },
        sql: null,
      },
    },
  });
  const { user } = renderApp("/collections/posts?tab=rules");
  const list = await screen.findByRole("region", { name: "List" });
  await user.click(within(list).getByRole("radio", { name: "Rule" }));
  await user.type(within(list).getByLabelText("Rule for List"), "title = 'x'");
  await user.click(within(list).getByRole("button", { name: "Try it as…" }));
  const dialog = await screen.findByRole("dialog");
  await user.selectOptions(within(dialog).getByLabelText("As"), "people");
  await user.click(within(dialog).getByRole("button", { name: "Choose a record" }));
  await user.click(await screen.findByRole("option", { name: /p1/ }));
  expect(within(dialog).getByLabelText("Id of the account")).toHaveValue("p1");
  await user.click(within(dialog).getByRole("button", { name: "Try" }));
  expect(await within(dialog).findByText("Refused")).toBeVisible();
  expect(within(dialog).getByText("2 records would be visible.")).toBeVisible();
  expect(calls.find(({ path }) => path === "/api/rules/try")?.body).toMatchObject({
    action: "list",
    rule: "title = 'x'",
    as: { collection: "people", id: "p1" },
  });
});

test("an index is put together from fields", async () => {
  const calls = stubServer({
    ...base,
    [patchPath]: ({ body }) => ({ body: { ...posts, ...(body as object) } }),
  });
  const { user } = renderApp("/collections/posts?tab=indexes");
  await user.click(await screen.findByRole("button", { name: "Add an index" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("checkbox", { name: "views" }));
  await user.click(within(dialog).getByRole("checkbox", { name: "title" }));
  await user.click(within(dialog).getByRole("switch", { name: /Unique/ }));
  await user.click(within(dialog).getByRole("button", { name: "Add an index" }));
  await save(user);
  await waitFor(() =>
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
      indexes: [
        ...(posts.indexes ?? []),
        "CREATE UNIQUE INDEX `idx_posts_views_title` ON `posts` (`views`, `title`)",
      ],
    }),
  );
});

test("deleting takes the name, typed", async () => {
  const calls = stubServer({ ...base, [`DELETE /api/collections/${posts.id}`]: { status: 204 } });
  const { user, address } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "More actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete collection" }));
  const question = await screen.findByRole("alertdialog");
  expect(within(question).getByRole("button", { name: "Delete" })).toBeDisabled();
  await user.type(within(question).getByLabelText("Type posts to confirm"), "posts");
  await user.click(within(question).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(address()).toBe("/collections"));
  expect(calls.some(({ method }) => method === "DELETE")).toBe(true);
});

test("the options of an auth collection", async () => {
  const auth = {
    ...people,
    otp: { enabled: false, duration: 180, length: 8 },
    oauth2: { enabled: false, providers: [] },
  };
  const calls = stubServer({
    ...base,
    ...stored(posts, auth),
    [`PATCH /api/collections/${people.id}`]: ({ body }) => ({ body: { ...auth, ...(body as object) } }),
  });
  const { user } = renderApp("/collections/people?tab=options");
  const length = await screen.findByLabelText("Digits");
  await user.clear(length);
  await user.type(length, "6");
  await save(user);
  await waitFor(() =>
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
      otp: { enabled: false, duration: 180, length: 6 },
    }),
  );
});
