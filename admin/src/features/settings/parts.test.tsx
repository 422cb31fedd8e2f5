import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { type Call, refusal, session, stubServer } from "../../../tests/server";

const locked = { subscribeRule: null, publishRule: null, presenceRule: null };
const topics = [
  { pattern: "rooms/a", ...locked },
  { pattern: "rooms/b", ...locked, publishRule: "x = 1" },
];
const sources = { "meta.appName": { origin: "variable", name: "TINYBASE_META_APP_NAME" } };
const stored = {
  meta: { appName: "Acme", appURL: "http://localhost:8090" },
  rateLimits: {
    enabled: false,
    rules: [
      { label: "*:auth", audience: "", duration: 3, maxRequests: 2 },
      { label: "/api/", audience: "", duration: 10, maxRequests: 300 },
    ],
    excludedIPs: [],
  },
  realtime: { topics },
};
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/settings": { body: { ...stored, sources } },
};
const merged = ({ body, query }: Call) => {
  const changes = body as Record<string, object>;
  const sections = Object.entries(stored).map(([key, value]) => [key, { ...value, ...changes[key] }]);
  return { body: { ...Object.fromEntries(sections), ...(query.get("sources") === "1" ? { sources } : {}) } };
};
const sent = (calls: Call[]) => calls.filter(({ method }) => method === "PATCH").map(({ body }) => body);

const pattern = (place: number) => within(screen.getByRole("group", { name: `Pattern ${place}` }));
const button = (name: string) => screen.getByRole("button", { name });
const save = (user: ReturnType<typeof renderApp>["user"]) => user.click(button("Save"));

test("a rule that is emptied to write another one stays a rule, also where its topic was moved", async () => {
  const calls = stubServer({ ...base, "PATCH /api/settings": merged });
  const { user } = renderApp("/settings?tab=topics");
  await user.click(await screen.findByRole("button", { name: "Move pattern 2 up" }));
  const rule = () => pattern(1).getByLabelText("Rule: Who speaks");
  await user.clear(rule());
  expect(pattern(1).getByLabelText("Who speaks")).toHaveValue("expression");
  await user.type(rule(), "y = 2");
  await save(user);
  await waitFor(() => expect(sent(calls)).toHaveLength(1));
  expect(sent(calls)[0]).toEqual({
    realtime: {
      topics: [
        { pattern: "rooms/b", ...locked, publishRule: "y = 2" },
        { pattern: "rooms/a", ...locked },
      ],
    },
  });
});

test("what was moved to the end keeps the focus, and goes no further", async () => {
  stubServer(base);
  const { user } = renderApp("/settings?tab=topics");
  const topicsNow = () => screen.getAllByLabelText("Topic").map((each) => (each as HTMLInputElement).value);
  (await screen.findByRole("button", { name: "Move pattern 2 up" })).focus();
  await user.keyboard("{Enter}");
  expect(topicsNow()).toEqual(["rooms/b", "rooms/a"]);
  const end = button("Move pattern 1 up");
  expect(end).toHaveFocus();
  expect(end).toHaveAttribute("aria-disabled", "true");
  expect(end).toBeEnabled();
  await user.keyboard("{Enter}");
  expect(topicsNow()).toEqual(["rooms/b", "rooms/a"]);
});

test("a rule that was begun is discarded whole", async () => {
  stubServer({
    ...base,
    "GET /api/settings": {
      body: { ...stored, realtime: { topics: [{ pattern: "news", ...locked, subscribeRule: "" }] } },
    },
  });
  const { user } = renderApp("/settings?tab=topics");
  await user.selectOptions(await screen.findByLabelText("Who listens"), "expression");
  await user.click(button("Discard"));
  expect(screen.getByLabelText("Who listens")).toHaveValue("public");
  expect(screen.queryByLabelText("Rule: Who listens")).toBeNull();
});

test("problems go when what they are about gets another place", async () => {
  const data = { rateLimits: { rules: { 1: { label: { code: "x", message: "No such label." } } } } };
  stubServer({ ...base, "PATCH /api/settings": refusal(400, "No.", data) });
  const { user } = renderApp("/settings?tab=limits");
  await user.click(await screen.findByRole("switch"));
  await save(user);
  expect(await screen.findByText("No such label.")).toBeVisible();
  await user.click(button("Move rule 2 up"));
  expect(screen.queryByText("No such label.")).toBeNull();
});

test("what is fixed elsewhere stays so when a part is saved", async () => {
  const calls = stubServer({ ...base, "PATCH /api/settings": merged });
  const { user } = renderApp("/settings?tab=limits");
  await user.click(await screen.findByRole("switch"));
  await save(user);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save" })).toBeNull());
  expect(sent(calls)).toHaveLength(1);
  await user.click(screen.getByRole("tab", { name: "General" }));
  expect(screen.getByLabelText("Name")).toBeDisabled();
});

/** Answers a save when it is let to. */
function held() {
  let release = () => {};
  const wait = new Promise<void>((done) => {
    release = done;
  });
  return { release: () => release(), answer: (call: Call) => wait.then(() => merged(call)) };
}

test("what is typed while a part is saved waits for the next save", async () => {
  const { release, answer } = held();
  const calls = stubServer({ ...base, "PATCH /api/settings": answer });
  const { user } = renderApp("/settings?tab=topics");
  await screen.findByRole("button", { name: "Move pattern 2 up" });
  await user.type(pattern(1).getByLabelText("Topic"), "1");
  await save(user);
  await user.type(pattern(1).getByLabelText("Topic"), "2");
  release();
  await screen.findByText("The topics are in force");
  expect(pattern(1).getByLabelText("Topic")).toHaveValue("rooms/a12");
  await save(user);
  await waitFor(() => expect(sent(calls)).toHaveLength(2));
  expect(sent(calls)[1]).toMatchObject({ realtime: { topics: [{ pattern: "rooms/a12" }, {}] } });
});

test("what is typed while settings are saved waits for the next save, also what they were before", async () => {
  const { release, answer } = held();
  const calls = stubServer({ ...base, "GET /api/settings": { body: stored }, "PATCH /api/settings": answer });
  const { user } = renderApp("/settings");
  const [name, address] = [await screen.findByLabelText("Name"), screen.getByLabelText("Address")];
  await user.type(name, "!");
  await user.type(address, "/1");
  await save(user);
  await user.type(name, "{Backspace}");
  release();
  expect(await screen.findByText("1 change")).toBeVisible();
  expect(name).toHaveValue("Acme");
  expect(address).toHaveValue("http://localhost:8090/1");
  await save(user);
  await waitFor(() => expect(sent(calls)).toHaveLength(2));
  expect(sent(calls)[1]).toEqual({ meta: { appName: "Acme" } });
});
