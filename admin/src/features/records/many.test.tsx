import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { upload } from "@/api/client";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  upload: vi.fn(),
}));

const posts = aCollection({
  name: "posts",
  fields: [
    aField("id", "text", { primaryKey: true, system: true }),
    aField("title", "text", { max: 100 }),
    aField("views", "number"),
  ],
});
const rows = [
  { id: "r1", title: "First", views: 3 },
  { id: "r2", title: "Second", views: 5 },
];
/** What an import gives along with its form. */
interface Sent {
  path: { collection: string };
  query: Record<string, unknown>;
}

const list = "/api/collections/posts/records";
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([posts]),
  [`GET ${list}`]: pageOf(rows),
};
const patches = (calls: Call[]) => calls.filter(({ method }) => method === "PATCH");

async function chooseAll(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(await screen.findByLabelText("Select all records of this page"));
  const bar = screen.getByRole("region", { name: "Selected records" });
  await user.click(within(bar).getByRole("button", { name: "Edit" }));
  const dialog = await screen.findByRole("dialog", { name: "Change 2 records" });
  await user.selectOptions(within(dialog).getByLabelText("Field"), "views");
  await user.type(within(dialog).getByLabelText("New value"), "9");
  return dialog;
}

test("a field of many records is changed in one request, and changed back", async () => {
  const calls = stubServer({ ...base, [`PATCH ${list}`]: { body: { count: 2 } } });
  const { user } = renderApp("/collections/posts/records");
  const dialog = await chooseAll(user);
  await user.click(within(dialog).getByRole("button", { name: "Change 2 records" }));
  expect(await screen.findByText("2 records changed")).toBeVisible();
  expect(patches(calls)).toHaveLength(1);
  expect(patches(calls)[0]?.body).toEqual({ views: 9 });
  expect(patches(calls)[0]?.query.get("filter")).toBe("id = 'r1' || id = 'r2'");

  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(await screen.findByText("Taken back")).toBeVisible();
  expect(
    patches(calls)
      .slice(1)
      .map(({ body, query }) => [query.get("filter"), body]),
  ).toEqual([
    ["id = 'r1'", { views: 3 }],
    ["id = 'r2'", { views: 5 }],
  ]);
});

test("what keeps a record from being changed is said, and nothing is claimed", async () => {
  const data = { records: { r2: { views: { code: "validation_max", message: "Must be less than 9." } } } };
  stubServer({ ...base, [`PATCH ${list}`]: refusal(400, "Failed to update the records.", data) });
  const { user } = renderApp("/collections/posts/records");
  const dialog = await chooseAll(user);
  await user.click(within(dialog).getByRole("button", { name: "Change 2 records" }));
  expect(await within(dialog).findByText("r2: Must be less than 9.")).toBeVisible();
  expect(screen.queryByText(/records changed/)).toBeNull();
});

test("an import is tried out first, with its columns mapped, and then done", async () => {
  stubServer(base);
  const report = { rows: 2, created: 1, updated: 0, failed: 1 };
  const data = { views: { code: "validation_not_a_number", message: "Must be a number." } };
  const errors = [{ row: 2, message: "Failed to create record.", data }];
  vi.mocked(upload).mockImplementation(async (_path, _form, options) => ({
    ...report,
    errors,
    dryRun: (options as unknown as Sent).query.dryRun === 1,
  }));
  const { user } = renderApp("/collections/posts/records");
  await user.click(await screen.findByRole("button", { name: "Data" }));
  await user.click(await screen.findByRole("menuitem", { name: "Import records…" }));
  const sheet = await screen.findByRole("dialog");
  const file = new File(["Titel,views\nOne,1\nTwo,x\n"], "posts.csv", { type: "text/csv" });
  await user.upload(within(sheet).getByLabelText("File to import"), file);
  await user.selectOptions(await within(sheet).findByLabelText("Field for Titel"), "title");
  await user.click(within(sheet).getByRole("button", { name: "Try it out" }));
  expect(await within(sheet).findByText("2 rows tried, nothing written")).toBeVisible();
  expect(within(sheet).getByText("Must be a number.")).toBeVisible();
  await user.click(within(sheet).getByRole("button", { name: "Import 1 row" }));
  expect(await within(sheet).findByText("2 rows read")).toBeVisible();
  const calls = vi.mocked(upload).mock.calls;
  const place = ["/api/collections/{collection}/records/import", "posts"];
  const sent = calls.map(([, , options]) => options as unknown as Sent);
  expect(calls.map(([path], index) => [path, sent[index]?.path.collection])).toEqual([place, place]);
  expect(sent[0]?.query).toMatchObject({
    format: "csv",
    delimiter: ",",
    dryRun: 1,
    columns: '{"Titel":"title"}',
  });
  expect(sent[1]?.query.dryRun).toBeUndefined();
});

test("an import that has stopped says where, and stays open", async () => {
  stubServer(base);
  const report = { rows: 1, created: 1, updated: 0, failed: 0, errors: [] };
  const stopped = { row: 2, status: 503, message: "A plugin is unavailable.", data: {}, retryAfter: 1 };
  vi.mocked(upload).mockImplementation(async (_path, _form, options) => {
    const dryRun = (options as unknown as Sent).query.dryRun === 1;
    return { ...report, dryRun, stopped: dryRun ? null : stopped };
  });
  const { user } = renderApp("/collections/posts/records");
  await user.click(await screen.findByRole("button", { name: "Data" }));
  await user.click(await screen.findByRole("menuitem", { name: "Import records…" }));
  const sheet = await screen.findByRole("dialog");
  const file = new File(["title\nOne\nTwo\n"], "posts.csv", { type: "text/csv" });
  await user.upload(within(sheet).getByLabelText("File to import"), file);
  await user.click(await within(sheet).findByRole("button", { name: "Try it out" }));
  await user.click(await within(sheet).findByRole("button", { name: "Import 1 row" }));
  const said = await within(sheet).findByRole("alert");
  expect(said).toHaveTextContent("It stopped at row 2");
  expect(said).toHaveTextContent("A plugin is unavailable.");
});

test("an export is an address with the filter and the shown columns", async () => {
  stubServer(base);
  const { user } = renderApp("/collections/posts/records?filter=views+%3E+3&hide=title");
  await user.click(await screen.findByRole("button", { name: "Data" }));
  const link = await screen.findByRole("menuitem", { name: "CSV" });
  await waitFor(() => expect(link).toHaveAttribute("href"));
  const url = new URL(link.getAttribute("href") ?? "", "http://x");
  expect(url.pathname).toBe(`${list}/export`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    format: "csv",
    filter: "views > 3",
    fields: "id,views",
  });
});
