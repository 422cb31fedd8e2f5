import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, anAttachment, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([
    aCollection({ name: "posts" }),
    aCollection({ name: "summary", type: "view" }),
    aCollection({ name: "_superusers", type: "auth", system: true }),
  ]),
  "GET /api/plugins": pageOf([aPlugin()]),
  "GET /api/plugins/p1/attachments": { body: { items: [] } },
  "GET /api/plugins/p1/grants": { body: { records: [] } },
  "GET /api/plugins/p1/logs": { body: { items: [] } },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin()] } },
};

test("the inspection says what it hooks into and what it asks for", async () => {
  stubServer({
    ...base,
    "GET /api/plugins": pageOf([
      aPlugin({
        exports: ["validator", "after-create"],
        capabilities: ["log", "records"],
        imports: ["tinybase:plugin/log@0.1.0", "tinybase:plugin/records@0.1.0"],
      }),
    ]),
  });
  renderApp("/plugins/p1");
  expect(await screen.findByText("Write to its own log")).toBeVisible();
  expect(screen.getByText("Read and write records")).toBeVisible();
  expect(screen.getByText("validator")).toBeVisible();
  expect(screen.getByText("91 kB")).toBeVisible();
  expect(screen.getByText("212 ms")).toBeVisible();
  expect(screen.getByText("9f86d081…f00a08")).toBeVisible();
  expect(screen.queryByText("Pure: no capabilities")).toBeNull();
});

test("a plugin without imports is pure", async () => {
  stubServer(base);
  renderApp("/plugins/p1");
  expect(await screen.findByText("Pure: no capabilities")).toBeVisible();
});

test("it is attached to what was chosen", async () => {
  const attached: unknown[] = [];
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p1/attachments": () => ({ body: { items: attached } }),
    "POST /api/plugins/p1/attachments": ({ body }) => {
      attached.push({ ...anAttachment(), ...(body as object) });
      return { body: attached[0] };
    },
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Attach to a collection" }));
  const dialog = await screen.findByRole("dialog");

  await user.click(within(dialog).getByRole("button", { name: "Attach" }));
  expect(await within(dialog).findByText("Choose a collection.")).toBeVisible();

  await user.click(within(dialog).getByRole("combobox", { name: "Collection" }));
  const options = await within(dialog).findAllByRole("option");
  expect(options.map((option) => option.textContent)).toEqual(["posts"]);
  await user.click(options[0] as HTMLElement);
  await user.click(within(dialog).getByRole("checkbox", { name: /Before update/ }));
  await user.clear(within(dialog).getByLabelText("Order"));
  await user.type(within(dialog).getByLabelText("Order"), "5");
  await user.click(within(dialog).getByRole("radio", { name: /Go on without it/ }));
  await user.click(within(dialog).getByRole("button", { name: "Attach" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({
    collection: "posts",
    hooks: ["beforeCreate"],
    order: 5,
    onFailure: "open",
  });
  expect(await screen.findByRole("link", { name: "posts" })).toBeVisible();
});

test("a refusal stays in the dialog, with what was chosen", async () => {
  const data = { hooks: { code: "validation_in_invalid", message: "The plugin has no such hook." } };
  stubServer({ ...base, "POST /api/plugins/p1/attachments": refusal(400, "Failed to attach.", data) });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Attach to a collection" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("combobox", { name: "Collection" }));
  await user.click(await within(dialog).findByRole("option", { name: "posts" }));
  await user.click(within(dialog).getByRole("button", { name: "Attach" }));
  expect(await within(dialog).findByText("The plugin has no such hook.")).toBeVisible();
  expect(within(dialog).getByRole("combobox", { name: "Collection" })).toHaveTextContent("posts");
});

test("removing asks first, and a failure is said where the hand is", async () => {
  let items = [anAttachment()];
  let broken = true;
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p1/attachments": () => ({ body: { items } }),
    "DELETE /api/plugins/p1/attachments/a1": () => {
      if (broken) return refusal(500, "Oops.");
      items = [];
      return { status: 204 };
    },
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Remove from posts" }));
  const dialog = await screen.findByRole("alertdialog");
  expect(dialog).toHaveTextContent("Remove slugify from posts?");
  expect(calls.some(({ method }) => method === "DELETE")).toBe(false);

  await user.click(within(dialog).getByRole("button", { name: "Remove" }));
  expect(await within(dialog).findByText("The server failed")).toBeVisible();
  broken = false;
  await user.click(within(dialog).getByRole("button", { name: "Remove" }));
  expect(await screen.findByRole("heading", { name: "Not attached anywhere" })).toBeVisible();
});

test("a plugin that is gone is said to be", async () => {
  stubServer({ ...base, "GET /api/plugins": pageOf([]) });
  renderApp("/plugins/p1");
  expect(await screen.findByRole("heading", { name: "There is no such plugin" })).toBeVisible();
});
