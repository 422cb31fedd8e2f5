import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { recordChanges } from "@/components/record-diff";
import { renderApp } from "../../../tests/render-app";
import { aCollection } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

/** Stands in for the browser's socket; what was said to it is kept. */
class FakeSocket {
  static all: FakeSocket[] = [];
  said: { type: string; id: number; topics: string[]; filter?: string }[] = [];
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (() => void) | null = () => {};

  constructor(readonly address: URL) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.said.push(JSON.parse(text));
  }
  close() {
    this.onclose?.();
  }
  say(message: object) {
    act(() => this.onmessage({ data: JSON.stringify(message) }));
  }
}

const socket = () => FakeSocket.all.at(-1) as FakeSocket;

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([aCollection({ name: "posts" })]),
  "GET /api/collections/posts/records": pageOf([{ id: "r1", title: "Old" }]),
};

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});

/** Subscribed to all posts. */
async function listening() {
  stubServer(base);
  const { user } = renderApp("/realtime");
  await screen.findByText("Nothing is watched yet");
  socket().say({ type: "hello", clientId: "c1", seq: 1 });
  await user.click(screen.getByRole("combobox", { name: "Collection" }));
  await user.click(await screen.findByRole("option", { name: "posts" }));
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  await waitFor(() => expect(socket().said).toHaveLength(1));
  socket().say({ type: "ack", id: socket().said[0]?.id });
  await screen.findByText("Listening");
  return user;
}

test("a subscription is agreed on, and events come with what they changed", async () => {
  const user = await listening();
  expect(socket().said[0]).toMatchObject({ type: "subscribe", topics: ["posts/*"] });
  expect(screen.getByText("Connected")).toBeVisible();
  socket().say({
    type: "event",
    topic: "posts/*",
    seq: 2,
    action: "update",
    record: { id: "r1", title: "New" },
  });
  const events = await screen.findByRole("list", { name: "Events" });
  expect(events).toHaveTextContent("Updated");
  await user.click(within(events).getByText("r1"));
  expect(within(events).getByText("Old").tagName).toBe("DEL");
  expect(within(events).getByText("New").tagName).toBe("INS");
});

test("while it is paused events wait, and a search leaves those that match", async () => {
  const user = await listening();
  await user.click(screen.getByRole("button", { name: "Pause" }));
  socket().say({
    type: "event",
    topic: "posts/*",
    seq: 2,
    action: "create",
    record: { id: "r2", title: "Two" },
  });
  expect(screen.getByText("1 event is waiting")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Resume" }));
  socket().say({
    type: "event",
    topic: "posts/*",
    seq: 3,
    action: "delete",
    record: { id: "r3", title: "Three" },
  });
  expect(await screen.findByText("2 events")).toBeVisible();
  await user.type(screen.getByLabelText("Search events"), "three");
  expect(await screen.findByText("1 event")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(await screen.findByText("Listening")).toBeVisible();
});

test("a refusal is said at the form", async () => {
  stubServer(base);
  const { user } = renderApp("/realtime");
  await screen.findByText("Nothing is watched yet");
  socket().say({ type: "hello", clientId: "c1", seq: 1 });
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  expect(await screen.findByText("Choose a collection.")).toBeVisible();
  await user.click(screen.getByRole("combobox", { name: "Collection" }));
  await user.click(await screen.findByRole("option", { name: "posts" }));
  await user.type(screen.getByLabelText("Filter"), "nope = 1");
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  await waitFor(() => expect(socket().said).toHaveLength(1));
  expect(socket().said[0]?.filter).toBe("nope = 1");
  socket().say({
    type: "error",
    id: socket().said[0]?.id,
    code: "invalid",
    message: "There is no field nope.",
  });
  expect(await screen.findByText("There is no field nope.")).toBeVisible();
  expect(screen.queryByRole("list", { name: "Subscriptions" })).toBeNull();
});

test("a connection that broke comes back with its subscriptions", async () => {
  const user = await listening();
  act(() => socket().onclose?.());
  expect(await screen.findByText("Disconnected, trying again")).toBeVisible();
  const lost = socket();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(socket()).not.toBe(lost);
  socket().say({ type: "hello", clientId: "c2", seq: 9 });
  expect(socket().said).toMatchObject([{ type: "subscribe", topics: ["posts/*"] }]);
  expect(screen.getByText("Connected")).toBeVisible();
  socket().say({ type: "gap" });
  expect(await screen.findByText("Some events were lost")).toBeVisible();
});

test("what changed between two states of a record", () => {
  const before = { id: "r", a: 1, b: "x", collectionId: "c" };
  expect(recordChanges(before, { id: "r", a: 2, b: "x", c: [1] })).toEqual([
    { name: "a", before: "1", after: "2" },
    { name: "c", before: null, after: "[1]" },
  ]);
  expect(recordChanges(before, null).map(({ name }) => name)).toEqual(["id", "a", "b"]);
});

test("a topic of one's own is listened to, and spoken on", async () => {
  const calls = stubServer({ ...base, "POST /api/realtime/publish": { status: 204 } });
  const { user } = renderApp("/realtime");
  await screen.findByText("Nothing is watched yet");
  socket().say({ type: "hello", clientId: "c1", seq: 1 });
  await user.click(screen.getByRole("combobox", { name: "Collection" }));
  await user.click(await screen.findByRole("option", { name: "A topic of your own" }));
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  expect(screen.getByText("Name the topic.")).toBeVisible();
  await user.type(screen.getByLabelText("Topic"), "rooms/1");
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  await waitFor(() => expect(socket().said).toHaveLength(1));
  expect(socket().said[0]).toMatchObject({ type: "subscribe", topics: ["rooms/1"] });
  socket().say({ type: "ack", id: socket().said[0]?.id });
  await screen.findByText("Listening");
  expect(calls.some(({ path }) => path.startsWith("/api/collections/rooms"))).toBe(false);

  await user.click(screen.getByText("Say something on a topic"));
  await user.type(screen.getByLabelText("Topic to speak on"), "rooms/1");
  await user.click(screen.getByRole("button", { name: "Say it" }));
  expect(await screen.findByText("It was said on rooms/1")).toBeVisible();
  expect(calls.find(({ path }) => path === "/api/realtime/publish")?.body).toEqual({
    topic: "rooms/1",
    data: { text: "hi" },
  });
  socket().say({ type: "event", topic: "rooms/1", seq: 9, action: "message", data: { text: "hi" } });
  const events = await screen.findByRole("list", { name: "Events" });
  expect(within(events).getByText('{"text":"hi"}')).toBeVisible();
  expect(within(events).getByText("Message")).toBeVisible();
});

test("what cannot be said is told, and stays as it was typed", async () => {
  stubServer({ ...base, "POST /api/realtime/publish": refusal(403, "Only members speak there.") });
  const { user } = renderApp("/realtime");
  await user.click(await screen.findByText("Say something on a topic"));
  await user.type(screen.getByLabelText("Topic to speak on"), "rooms/2");
  await user.click(screen.getByRole("button", { name: "Say it" }));
  expect(await screen.findByText("This is not allowed")).toBeVisible();
  expect(screen.getByLabelText("Topic to speak on")).toHaveValue("rooms/2");
  await user.type(screen.getByLabelText("What to say, as JSON"), "}");
  expect(screen.getByText("This is not JSON.")).toBeVisible();
});

test("who is connected is shown, with what waits for them", async () => {
  const client = {
    id: "c1",
    transport: "sse",
    ip: "10.0.0.7",
    connected: "2026-11-28 10:00:00.000Z",
    auth: { kind: "record", id: "u1", collectionName: "members" },
    topics: ["posts/*"],
    topicCount: 1,
    waitingMessages: 2,
    waitingBytes: 900,
  };
  stubServer({ ...base, "GET /api/realtime/clients": pageOf([client]) });
  const { user, address } = renderApp("/realtime");
  await user.click(await screen.findByRole("tab", { name: "Clients" }));
  const table = await screen.findByRole("table", { name: "Clients" });
  expect(table).toHaveTextContent("members/u1");
  expect(table).toHaveTextContent("10.0.0.7");
  expect(table).toHaveTextContent("2 messages, 900 bytes");
  expect(address()).toBe("/realtime?tab=clients");
});
