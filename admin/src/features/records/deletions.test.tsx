import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { raise } from "@/ui/toaster";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const posts = aCollection({
  name: "posts",
  fields: [aField("id", "text", { primaryKey: true, system: true }), aField("title", "text")],
});
const rows = [
  { id: "r1", title: "First" },
  { id: "r2", title: "Second" },
  { id: "r3", title: "Third" },
];
const list = "/api/collections/posts/records";
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([posts]),
  [`GET ${list}`]: pageOf(rows),
};
const deletes = (calls: Call[]) =>
  calls
    .filter(({ method }) => method === "DELETE")
    .map(({ path, query }) => query.get("filter") ?? path.replace(`${list}/`, ""));

async function deleteRows(user: ReturnType<typeof renderApp>["user"], ids: string[]) {
  for (const id of ids) await user.click(await screen.findByLabelText(`Select ${id}`));
  const bar = screen.getByRole("region", { name: "Selected records" });
  await user.click(within(bar).getByRole("button", { name: "Delete" }));
  const question = await screen.findByRole("alertdialog");
  expect(question).toHaveTextContent(`Delete ${ids.length} records?`);
  await user.click(within(question).getByRole("button", { name: "Delete" }));
}

test("what is deleted is out of sight at once, and undone before anything was sent", async () => {
  const calls = stubServer(base);
  const { user } = renderApp("/collections/posts/records");
  await deleteRows(user, ["r1", "r2"]);
  expect(await screen.findByText("2 records deleted")).toBeVisible();
  expect(screen.queryByText("First")).toBeNull();
  expect(screen.getByText("Third")).toBeVisible();
  expect(screen.getByText("1–1 of 1")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(await screen.findByText("First")).toBeVisible();
  expect(screen.getByText("Second")).toBeVisible();
  window.dispatchEvent(new Event("pagehide"));
  expect(deletes(calls)).toEqual([]);
});

test("it is sent in one request when the offer ends", async () => {
  let stored = rows;
  const calls = stubServer({
    ...base,
    [`GET ${list}`]: () => pageOf(stored),
    [`DELETE ${list}`]: () => {
      stored = rows.slice(2);
      return { body: { count: 2 } };
    },
  });
  const { user } = renderApp("/collections/posts/records");
  await deleteRows(user, ["r1", "r2"]);
  await screen.findByText("2 records deleted");
  raise.dismiss();
  await waitFor(() => expect(deletes(calls)).toEqual(["id = 'r1' || id = 'r2'"]));
  await waitFor(() => expect(calls.at(-1)?.method).toBe("GET"));
  expect(screen.queryByText("First")).toBeNull();
  expect(screen.getByText("Third")).toBeVisible();
});

test("what the server refuses comes back, stays selected, and says why", async () => {
  let stored = rows;
  const calls = stubServer({
    ...base,
    [`GET ${list}`]: () => pageOf(stored),
    [`DELETE ${list}`]: refusal(400, "Failed to delete the records."),
    [`DELETE ${list}/r1`]: () => {
      stored = rows.slice(1);
      return { status: 204 };
    },
    [`DELETE ${list}/r2`]: refusal(400, "It is referenced elsewhere."),
  });
  const { user } = renderApp("/collections/posts/records");
  await deleteRows(user, ["r1", "r2"]);
  await screen.findByText("2 records deleted");
  raise.dismiss();
  expect(await screen.findByText("1 record could not be deleted")).toBeVisible();
  expect(screen.getByText("It is referenced elsewhere.")).toBeVisible();
  expect(deletes(calls)).toEqual(["id = 'r1' || id = 'r2'", "r1", "r2"]);
  expect(await screen.findByText("Second")).toBeVisible();
  expect(screen.queryByText("First")).toBeNull();
  expect(screen.getByRole("region", { name: "Selected records" })).toHaveTextContent("1 selected");
});

test("who closes the page, or goes to another one, means what was done", async () => {
  const calls = stubServer({ ...base, [`DELETE ${list}`]: { body: { count: 2 } } });
  const { user, address } = renderApp("/collections/posts/records");
  await deleteRows(user, ["r1", "r2"]);
  await screen.findByText("2 records deleted");
  window.dispatchEvent(new Event("pagehide"));
  expect(deletes(calls)).toEqual(["id = 'r1' || id = 'r2'"]);

  await user.click(await screen.findByLabelText("Select r3"));
  await user.click(
    within(screen.getByRole("region", { name: "Selected records" })).getByRole("button", { name: "Delete" }),
  );
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Delete" }));
  await screen.findByText("1 record deleted");
  await user.click(screen.getByRole("link", { name: "Edit collection" }));
  await waitFor(() => expect(address()).toBe("/collections/posts"));
  await waitFor(() => expect(deletes(calls)).toEqual(["id = 'r1' || id = 'r2'", "r3"]));
  await waitFor(() => expect(screen.queryByText("1 record deleted")).toBeNull());
});
