import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const posts = aCollection({
  name: "posts",
  fields: [
    aField("id", "text", { primaryKey: true, system: true }),
    aField("title", "text", { max: 100 }),
    aField("views", "number"),
  ],
});
const first = { id: "r1", title: "First", views: 3 };
const second = { id: "r2", title: "Second", views: 5 };
const one = "/api/collections/posts/records/r1";
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([posts]),
  "GET /api/collections/posts/records": pageOf([first, second]),
  [`GET ${one}`]: { body: first, headers: { ETag: '"1"' } },
};
const patches = (calls: Call[]) => calls.filter(({ method }) => method === "PATCH");
const changed = (record: object) => ({
  status: 412,
  body: { status: 412, message: "The record has changed.", data: {}, record },
  headers: { ETag: '"2"' },
});

async function cell(text: string) {
  return (await screen.findByText(text)).closest<HTMLElement>("[data-cell]") as HTMLElement;
}

test("a cell is edited with the keyboard, and Tab goes on to the next", async () => {
  const calls = stubServer({
    ...base,
    [`PATCH ${one}`]: ({ body }) => ({ body: { ...first, ...(body as object) }, headers: { ETag: '"2"' } }),
  });
  const { user } = renderApp("/collections/posts/records");
  const title = await cell("First");
  title.focus();
  await user.keyboard("{Enter}");
  const editor = await screen.findByRole("dialog", { name: "Edit title" });
  await user.clear(within(editor).getByLabelText("title"));
  await user.type(within(editor).getByLabelText("title"), "Better{Tab}");
  const next = await screen.findByRole("dialog", { name: "Edit views" });
  expect(await screen.findByText("Better")).toBeVisible();
  expect(patches(calls)[0]?.body).toEqual({ title: "Better" });
  expect(patches(calls)[0]?.headers.get("If-Match")).toBe('"1"');

  await user.clear(within(next).getByLabelText("views"));
  await user.type(within(next).getByLabelText("views"), "x{Enter}");
  expect(await within(next).findByText("Enter a number.")).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(patches(calls)).toHaveLength(1);
});

test("an editor stays with its record when the rows get another order", async () => {
  let items = [first, second];
  const calls = stubServer({
    ...base,
    "GET /api/collections/posts/records": () => pageOf(items),
    [`PATCH ${one}`]: ({ body }) => ({ body: { ...first, ...(body as object) } }),
  });
  const { user, refetch } = renderApp("/collections/posts/records");
  await user.dblClick(await cell("First"));
  const editor = await screen.findByRole("dialog", { name: "Edit title" });
  await user.type(within(editor).getByLabelText("title"), "{End} one");
  items = [second, first];
  await refetch();
  const ids = () => [...document.querySelectorAll("[data-row]")].map((row) => row.getAttribute("data-row"));
  await waitFor(() => expect(ids()).toEqual(["r2", "r1"]));
  expect(editor).toBeInTheDocument();
  await user.keyboard("{Enter}");
  await waitFor(() =>
    expect(patches(calls).map(({ path, body }) => [path, body])).toEqual([[one, { title: "First one" }]]),
  );
});

test("what somebody else has made of a cell is shown before it is overwritten", async () => {
  const calls = stubServer({
    ...base,
    [`GET ${one}`]: { body: { ...first, title: "Theirs" }, headers: { ETag: '"9"' } },
    [`PATCH ${one}`]: { body: { ...first, title: "Mine" }, headers: { ETag: '"10"' } },
  });
  const { user } = renderApp("/collections/posts/records");
  await user.dblClick(await cell("First"));
  const editor = await screen.findByRole("dialog", { name: "Edit title" });
  await user.clear(within(editor).getByLabelText("title"));
  await user.type(within(editor).getByLabelText("title"), "Mine{Enter}");
  expect(await within(editor).findByText("Theirs")).toBeVisible();
  expect(patches(calls)).toHaveLength(0);
  await user.click(within(editor).getByRole("button", { name: "Overwrite with mine" }));
  await waitFor(() => expect(patches(calls)[0]?.headers.get("If-Match")).toBe('"9"'));
});

test("a field that two have changed is asked about, and what was chosen is saved", async () => {
  const theirs = { ...first, title: "Theirs", views: 4 };
  const calls = stubServer({
    ...base,
    [`PATCH ${one}`]: ({ headers, body }) =>
      headers.get("If-Match") === '"1"' ? changed(theirs) : { body: { ...theirs, ...(body as object) } },
  });
  const { user } = renderApp("/collections/posts/records?record=r1");
  const title = await screen.findByLabelText("title");
  await user.clear(title);
  await user.type(title, "Mine");
  await user.clear(screen.getByLabelText("views"));
  await user.type(screen.getByLabelText("views"), "7");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const question = await screen.findByRole("dialog", { name: "This record was changed meanwhile" });
  await user.click(
    within(within(question).getByRole("radiogroup", { name: "title" })).getByRole("radio", {
      name: /Theirs/,
    }),
  );
  await user.click(within(question).getByRole("button", { name: "Save this" }));
  await waitFor(() => expect(patches(calls)).toHaveLength(2));
  expect(patches(calls)[1]?.body).toEqual({ views: 7 });
  expect(patches(calls)[1]?.headers.get("If-Match")).toBe('"2"');
});

test("when others have changed other fields, nothing is asked", async () => {
  const calls = stubServer({
    ...base,
    [`PATCH ${one}`]: ({ headers }) =>
      headers.get("If-Match") === '"1"'
        ? changed({ ...first, views: 4 })
        : { body: { ...first, title: "Mine" } },
  });
  const { user } = renderApp("/collections/posts/records?record=r1");
  const title = await screen.findByLabelText("title");
  await user.clear(title);
  await user.type(title, "Mine");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(patches(calls).map(({ body }) => body)).toEqual([{ title: "Mine" }, { title: "Mine" }]);
});

test("who makes a record begins at the first field that the server does not fill in", async () => {
  const drawn = aField("id", "text", { primaryKey: true, system: true, autogeneratePattern: "[a-z0-9]{15}" });
  stubServer({
    ...base,
    "GET /api/collections": pageOf([{ ...posts, fields: [drawn, ...posts.fields.slice(1)] }]),
  });
  const { user } = renderApp("/collections/posts/records");
  await screen.findByText("First");
  const button = screen.getByRole("link", { name: "New record" });
  await user.click(button);
  const panel = await screen.findByRole("dialog");
  expect(within(panel).getByLabelText("id")).toBeVisible();
  await waitFor(() => expect(within(panel).getByLabelText("title")).toHaveFocus());
  await user.keyboard("{Escape}");
  await waitFor(() => expect(button).toHaveFocus());
});

test("where the first field to fill in takes no focus yet, the next one has it, and the panel if there is none", async () => {
  // As at a desk, where the editor of code comes when it is needed.
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query.includes("min-width"),
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  const drawn = aField("id", "text", { primaryKey: true, system: true, autogeneratePattern: "[a-z0-9]{15}" });
  const notes = aCollection({
    name: "posts",
    fields: [drawn, aField("data", "json"), aField("title", "text")],
  });
  const facts = aCollection({ id: "facts", name: "facts", fields: [drawn, aField("data", "json")] });
  stubServer({
    ...base,
    "GET /api/collections": pageOf([notes, facts]),
    "GET /api/collections/facts/records": pageOf([]),
  });
  const { unmount } = renderApp("/collections/posts/records?record=new");
  const panel = await screen.findByRole("dialog");
  await waitFor(() => expect(within(panel).getByLabelText("title")).toHaveFocus());
  unmount();
  renderApp("/collections/facts/records?record=new");
  const other = await screen.findByRole("dialog");
  await waitFor(() => expect(other).toContainElement(document.activeElement as HTMLElement));
});

test("what the form refuses itself is shown without what the server has said before", async () => {
  const data = {
    title: { code: "validation_required", message: "Cannot be blank." },
    hook: { code: "x", message: "No." },
  };
  stubServer({ ...base, [`PATCH ${one}`]: refusal(400, "Failed to update record.", data) });
  const { user } = renderApp("/collections/posts/records?record=r1");
  await user.type(await screen.findByLabelText("title"), "!");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Failed to update record.")).toBeVisible();
  await user.type(screen.getByLabelText("views"), "x");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Enter a number.")).toBeVisible();
  expect(screen.queryByText("Failed to update record.")).toBeNull();
  expect(screen.getByLabelText("views")).toHaveFocus();
});

test.each(["Save", "keys"])("what is typed while a record is saved stays a change: %s", async (by) => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let edition = 1;
  const calls = stubServer({
    ...base,
    [`PATCH ${one}`]: async ({ body }) => {
      await held;
      edition += 1;
      return { body: { ...first, title: "Mine", ...(body as object) }, headers: { ETag: `"${edition}"` } };
    },
  });
  const { user } = renderApp("/collections/posts/records?record=r1");
  const title = await screen.findByLabelText("title");
  await user.clear(title);
  await user.type(title, "Mine");
  if (by === "keys") await user.keyboard("{Control>}s{/Control}");
  else await user.click(screen.getByRole("button", { name: "Save" }));
  await user.clear(screen.getByLabelText("views"));
  await user.type(screen.getByLabelText("views"), "8");
  answer();
  expect(await screen.findByText("Changes saved")).toBeVisible();
  expect(screen.getByLabelText("views")).toHaveValue("8");
  expect(screen.getByText("1 field changed")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(patches(calls).map(({ body }) => body)).toEqual([{ title: "Mine" }, { views: 8 }]);
  expect(patches(calls)[1]?.headers.get("If-Match")).toBe('"2"');
});

test("what is typed while a record is made is a change of the one that was made", async () => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const made = { id: "r9", title: "Mine", views: 0 };
  const calls = stubServer({
    ...base,
    "POST /api/collections/posts/records": async () => {
      await held;
      return { status: 200, body: made, headers: { ETag: '"1"' } };
    },
    "PATCH /api/collections/posts/records/r9": ({ body }) => ({ body: { ...made, ...(body as object) } }),
  });
  const { user } = renderApp("/collections/posts/records?record=new");
  await user.type(await screen.findByLabelText("title"), "Mine");
  await user.click(screen.getByRole("button", { name: "Create" }));
  await user.type(screen.getByLabelText("views"), "8");
  answer();
  await screen.findByRole("button", { name: "Save" });
  await user.keyboard("{Control>}s{/Control}");
  await waitFor(() => expect(screen.queryByText("1 field changed")).toBeNull());
  expect(screen.getByLabelText("views")).toHaveValue("8");
  await user.type(screen.getByLabelText("title"), "!");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(patches(calls).map(({ path, body }) => [path, body])).toEqual([
    ["/api/collections/posts/records/r9", { views: 8 }],
    ["/api/collections/posts/records/r9", { title: "Mine!" }],
  ]);
});
