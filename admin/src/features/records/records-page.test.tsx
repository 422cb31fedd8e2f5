import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const posts = aCollection({
  name: "posts",
  fields: [
    aField("id", "text", { primaryKey: true, system: true }),
    aField("title", "text", { required: true }),
    aField("views", "number"),
    aField("meta", "json"),
    aField("created", "autodate", { onCreate: true }),
  ],
});
const first = { id: "r1", title: "First", views: 3, meta: { a: 1 }, created: "2026-11-20 10:00:00.000Z" };
const second = { id: "r2", title: "Second", views: 5, meta: null, created: "2026-11-21 10:00:00.000Z" };
const list = "GET /api/collections/posts/records";

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([posts]),
  [list]: pageOf([first, second]),
  "GET /api/collections/posts/records/r1": { body: first },
};

const lists = (calls: Call[]) =>
  calls.filter(({ method, path }) => method === "GET" && path === "/api/collections/posts/records");

test("the newest come first, and a press on a column sorts by it, then the other way, then not", async () => {
  const calls = stubServer(base);
  const { user, address } = renderApp("/collections/posts/records");
  await screen.findByRole("grid");
  expect(lists(calls)[0]?.query.get("sort")).toBe("-created");

  await user.click(screen.getByRole("button", { name: "views" }));
  await waitFor(() => expect(address()).toBe("/collections/posts/records?sort=views"));
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("sort")).toBe("views"));
  expect(screen.getByRole("columnheader", { name: "views" })).toHaveAttribute("aria-sort", "ascending");
  await user.click(screen.getByRole("button", { name: "views" }));
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("sort")).toBe("-views"));
});

test("words search in what holds text, an expression is taken as it is and waits for Enter", async () => {
  const calls = stubServer(base);
  const { user, address } = renderApp("/collections/posts/records");
  await screen.findByRole("grid");
  const filter = screen.getByLabelText("Search or filter records");
  await user.type(filter, "it's");
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("filter")).toContain(`title ~ 'it\\'s'`));
  await user.clear(filter);
  await user.type(filter, "views > 3");
  expect(await screen.findByText("Press Enter to apply the filter.")).toBeVisible();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("filter")).toBe("views > 3"));
  expect(address()).toContain("filter=views+%3E+3");
});

test("a filter that cannot be read is explained, and cleared with one press", async () => {
  stubServer({
    ...base,
    [list]: ({ query }: Call) =>
      query.get("filter") === "nope = 1"
        ? refusal(400, "`posts` has no field `nope`")
        : pageOf([first, second]),
  });
  const { user } = renderApp("/collections/posts/records?filter=nope+%3D+1");
  expect(await screen.findByText("The filter cannot be read")).toBeVisible();
  expect(screen.getByText("`posts` has no field `nope`")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByRole("grid")).toBeVisible();
});

test("a column is hidden, and the address remembers it", async () => {
  stubServer(base);
  const { user, address } = renderApp("/collections/posts/records");
  await screen.findByRole("grid");
  await user.click(screen.getByRole("button", { name: "Columns" }));
  await user.click(await screen.findByRole("checkbox", { name: "meta" }));
  await waitFor(() => expect(screen.queryByRole("columnheader", { name: "meta" })).toBeNull());
  expect(address()).toBe("/collections/posts/records?hide=meta");
});

test("a column is moved, and the address remembers the order until it is the usual one again", async () => {
  stubServer(base);
  const { user, address } = renderApp("/collections/posts/records");
  const headers = () => screen.getAllByRole("columnheader").map(({ textContent }) => textContent?.trim());
  await screen.findByRole("grid");
  const usual = headers();
  await user.click(screen.getByRole("button", { name: "Columns" }));
  await user.click(await screen.findByRole("button", { name: "Move meta to the left" }));
  await waitFor(() => expect(headers()).not.toEqual(usual));
  expect(headers().indexOf("meta")).toBe(usual.indexOf("meta") - 1);
  expect(address()).toMatch(/^\/collections\/posts\/records\?order=.*meta/);
  await user.click(screen.getByRole("button", { name: "Move meta to the right" }));
  await waitFor(() => expect(address()).toBe("/collections/posts/records"));
  expect(headers()).toEqual(usual);
});

test("of many columns one is found by typing, and keys go through what is found", async () => {
  const more = Array.from({ length: 20 }, (_, index) => aField(`extra_${index}`, "text"));
  const wide = { ...posts, fields: [...posts.fields, ...more] };
  stubServer({ ...base, "GET /api/collections": pageOf([wide]) });
  const { user, address } = renderApp("/collections/posts/records");
  await screen.findByRole("grid");
  await user.click(screen.getByRole("button", { name: "Columns" }));
  const search = await screen.findByRole("textbox", { name: "Find a column" });
  await waitFor(() => expect(search).toHaveFocus());
  await user.keyboard("EXTRA_1");
  const shown = () =>
    screen.getAllByRole("checkbox", { name: /^(extra|title)/ }).map((each) => each.id.replace(/.*-/, ""));
  expect(shown()).toEqual(["extra_1", ...Array.from({ length: 10 }, (_, index) => `extra_1${index}`)]);
  await user.keyboard("{Enter}");
  expect(screen.getByRole("checkbox", { name: "extra_1" })).not.toBeChecked();
  await waitFor(() => expect(address()).toBe("/collections/posts/records?hide=extra_1"));
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(screen.getByRole("checkbox", { name: "extra_11" })).toHaveFocus();
  await user.keyboard(" {ArrowUp}{ArrowUp}{ArrowUp}");
  expect(screen.getByRole("checkbox", { name: "extra_11" })).not.toBeChecked();
  expect(search).toHaveFocus();
  await user.keyboard("nothing");
  expect(screen.getByText("Nothing matches")).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("textbox", { name: "Find a column" })).toBeNull());
  expect(screen.getByRole("button", { name: "Columns" })).toHaveFocus();
});

test("a new record is sent with what was typed, and what the server says stands at the field", async () => {
  let refused = true;
  const data = {
    title: { code: "validation_min_text_constraint", message: "Must be at least 3 characters." },
  };
  const calls = stubServer({
    ...base,
    "POST /api/collections/posts/records": () =>
      refused ? refusal(400, "Failed to create record.", data) : { body: { ...first, id: "r3" } },
  });
  const { user, address } = renderApp("/collections/posts/records");
  await user.click(await screen.findByRole("link", { name: "New record" }));
  const panel = await screen.findByRole("dialog");
  await user.type(within(panel).getByLabelText("title"), "Hi");
  await user.type(within(panel).getByLabelText("views"), "12");
  await user.click(within(panel).getByRole("button", { name: "Create" }));
  expect(await within(panel).findByText("Must be at least 3 characters.")).toBeVisible();
  expect(within(panel).getByLabelText("title")).toBeInvalid();

  refused = false;
  await user.click(within(panel).getByRole("button", { name: "Create" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls.findLast(({ method }) => method === "POST")?.body).toEqual({ title: "Hi", views: 12 });
  expect(address()).toBe("/collections/posts/records");
});

test("only what was changed is saved", async () => {
  const calls = stubServer({
    ...base,
    "PATCH /api/collections/posts/records/r1": { body: { ...first, title: "Better" } },
  });
  const { user } = renderApp("/collections/posts/records?record=r1");
  const title = await screen.findByLabelText("title");
  await user.clear(title);
  await user.type(title, "Better");
  expect(screen.getByText("1 field changed")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ title: "Better" });
});

test("what is no JSON never leaves the page", async () => {
  const calls = stubServer(base);
  const { user } = renderApp("/collections/posts/records?record=r1");
  const meta = await screen.findByLabelText("meta");
  await user.clear(meta);
  await user.type(meta, "[[1, 2");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("This is not valid JSON.")).toBeVisible();
  expect(calls.some(({ method }) => method === "PATCH")).toBe(false);
});

test("leaving with changes asks first", async () => {
  stubServer(base);
  const { user, address } = renderApp("/collections/posts/records?record=r1");
  await user.type(await screen.findByLabelText("title"), "!");
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Keep editing" }));
  expect(screen.getByLabelText("title")).toHaveValue("First!");
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await user.click(await screen.findByRole("button", { name: "Discard" }));
  await waitFor(() => expect(address()).toBe("/collections/posts/records"));
  expect(screen.queryByLabelText("title")).toBeNull();
});

test("an empty collection says how to begin, and an error can be tried again", async () => {
  let broken = true;
  stubServer({ ...base, [list]: () => (broken ? refusal(500, "Oops.") : pageOf([])) });
  const { user } = renderApp("/collections/posts/records");
  expect(await screen.findByText("Request req-1")).toBeVisible();
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "No records yet" })).toBeVisible();
});

test("an address with a record opens its panel; a record that is gone is said to be", async () => {
  stubServer({ ...base, "GET /api/collections/posts/records/zz": refusal(404, "There is nothing here.") });
  renderApp("/collections/posts/records?record=zz");
  const panel = await screen.findByRole("dialog");
  expect(await within(panel).findByText("This does not exist any more")).toBeVisible();
});
