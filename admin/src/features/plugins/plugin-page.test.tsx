import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { statsPauseMs } from "@/api/system";
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
  expect(screen.getAllByText("validator")[0]).toBeVisible();
  expect(screen.getByText("91 kB")).toBeVisible();
  expect(screen.getByText("212 ms")).toBeVisible();
  expect(screen.getByText("9f86d081…f00a08")).toBeVisible();
  expect(screen.queryByText("Pure: no capabilities")).toBeNull();
});

test("whether its code is in memory is told of what may be called", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let plugin = aPlugin({ state: "active", loaded: true });
  stubServer({ ...base, "GET /api/plugins": () => pageOf([plugin]) });
  const { refetch } = renderApp("/plugins/p1");
  expect(await screen.findByText("In memory, ready for the next call")).toBeVisible();
  plugin = { ...plugin, loaded: false };
  // Nothing is pressed: it is asked for again as long as it is looked at.
  vi.advanceTimersByTime(statsPauseMs);
  vi.useRealTimers();
  expect(await screen.findByText("Not in memory: its next call loads it")).toBeVisible();
  plugin = { ...plugin, state: "disabled" };
  await refetch();
  await waitFor(() => expect(screen.queryByText(/memory/)).toBeNull());
  expect(screen.getByText("212 ms")).toBeVisible();
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
  const { user } = renderApp("/plugins/p1?tab=runs");
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
  const { user } = renderApp("/plugins/p1?tab=runs");
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
  const { user } = renderApp("/plugins/p1?tab=runs");
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

test("what it asks for stands beside what it was given", async () => {
  stubServer({
    ...base,
    "GET /api/plugins": pageOf([aPlugin({ capabilities: ["log", "records"] })]),
    "GET /api/plugins/p1/grants": {
      body: { records: [{ collection: "posts", verbs: ["list", "view"], as: "caller" }] },
    },
  });
  const { user, address } = renderApp("/plugins/p1");
  expect(await screen.findByText("posts: list and view, under the rules of the caller")).toBeVisible();
  expect(screen.getByText("Needs no grant")).toBeVisible();
  await user.click(screen.getByRole("link", { name: /Change/ }));
  await waitFor(() => expect(address()).toBe("/plugins/p1?tab=grants"));
});

test("what is left to do is said until it is done", async () => {
  stubServer({ ...base, "GET /api/plugins": pageOf([aPlugin({ capabilities: ["records"] })]) });
  const { user, address } = renderApp("/plugins/p1");
  const steps = await screen.findByRole("list", { name: "Before it works" });
  expect(within(steps).getByText("Decide what it may do")).toBeVisible();
  await user.click(within(steps).getByRole("link", { name: "Attach it to a collection" }));
  await waitFor(() => expect(address()).toBe("/plugins/p1?tab=runs"));
});

test("the world is told package by package, the runtime folded", async () => {
  stubServer({
    ...base,
    "GET /api/plugins": pageOf([
      aPlugin({ imports: ["tinybase:plugin/log@0.1.0", "wasi:cli/exit@0.2.6", "wasi:io/streams@0.2.6"] }),
    ]),
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByText("2 exported, 3 imported interfaces"));
  expect(screen.getByText("tinybase:plugin@0.1.0")).toBeVisible();
  expect(screen.getByText("2 interfaces of its language’s runtime, filled with stubs")).toBeVisible();
});

test("attaching shows who runs there already, and proposes a place after them", async () => {
  stubServer({
    ...base,
    "GET /api/plugins": pageOf([aPlugin(), aPlugin({ id: "p2", name: "audit-trail" })]),
    "GET /api/plugins/p2/attachments": { body: { items: [anAttachment({ id: "a2", order: 20 })] } },
  });
  const { user } = renderApp("/plugins/p1?tab=runs");
  await user.click(await screen.findByRole("button", { name: "Attach to a collection" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("combobox", { name: "Collection" }));
  await user.click(await within(dialog).findByRole("option", { name: "posts" }));
  const order = within(dialog).getByLabelText("Order");
  await waitFor(() => expect(order).toHaveValue(30));
  const names = () =>
    within(within(dialog).getByRole("list", { name: "Order on posts" }))
      .getAllByRole("listitem")
      .map((item) => item.textContent);
  expect(names()).toEqual(["1audit-trail20", "2slugifythis plugin30"]);
  await user.clear(order);
  await user.type(order, "5");
  expect(names()).toEqual(["1slugifythis plugin5", "2audit-trail20"]);
});
