import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { upload } from "@/api/client";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { pageOf, session, stubServer } from "../../../tests/server";
import { editorOf } from "./editors";
import { fromInput, toInput } from "./moments";
import { recordsSearch, toggleHidden } from "./search";
import { listAsCurl, listAsJs } from "./snippets";

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  upload: vi.fn(async () => ({ id: "n1" })),
}));

describe("what an editor sends", () => {
  const wire = (type: string, draft: unknown, options = {}) => {
    const field = aField("f", type, options);
    return editorOf(field).toWire(draft, field);
  };

  test("values of each kind", () => {
    expect(wire("number", " 1.5 ")).toEqual({ value: 1.5 });
    expect(wire("number", "")).toEqual({ value: 0 });
    expect(wire("number", "", { nullable: true })).toEqual({ value: null });
    expect(wire("select", ["a"])).toEqual({ value: "a" });
    expect(wire("select", ["a", "b"], { maxSelect: 2 })).toEqual({ value: ["a", "b"] });
    expect(wire("relation", [])).toEqual({ value: "" });
    expect(wire("relation", ["x"], { maxSelect: 9 })).toEqual({ value: ["x"] });
    expect(wire("json", "")).toEqual({ value: null });
    expect(wire("json", '{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(wire("geoPoint", { lon: "12.5", lat: "" })).toEqual({ value: { lon: 12.5, lat: 0 } });
    expect(wire("array", ["1", "2"], { of: "number" })).toEqual({ value: [1, 2] });
    expect(wire("array", ["a"])).toEqual({ value: ["a"] });
    expect(wire("vector", "[0.1, -2 3]", { dimension: 3 })).toEqual({ value: [0.1, -2, 3] });
    expect(wire("password", "secret", { name: "x" })).toEqual({ value: "secret" });
  });

  test("mistakes are named before anything is sent", () => {
    for (const [type, draft, options] of [
      ["number", "1,5", {}],
      ["json", "{", {}],
      ["geoPoint", { lon: "181", lat: "0" }, {}],
      ["array", ["1", "b"], { of: "number" }],
      ["vector", "1, 2", { dimension: 3 }],
      ["file", { kept: [], added: [new File(["12345"], "a.txt")] }, { maxSize: 3 }],
    ] as const) {
      expect(wire(type, draft, options), type).toHaveProperty("problem");
    }
  });

  test("the password of an account goes twice, and a kind that nobody knows is JSON", () => {
    const field = { ...aField("password", "password"), system: true };
    expect(editorOf(field).toWire("pw", field)).toEqual({ also: { password: "pw", passwordConfirm: "pw" } });
    expect(editorOf(aField("f", "hologram")).kinds).toEqual(["json"]);
  });

  test("files that stay and files that come are parts of one form", () => {
    const added = new File(["x"], "b.txt");
    expect(wire("file", { kept: ["a.txt"], added: [added] }, { maxSelect: 3 })).toEqual({
      parts: ["a.txt", added],
    });
    expect(wire("file", { kept: [], added: [] })).toEqual({ value: "" });
    expect(wire("file", { kept: ["a"], added: [] }, { maxSelect: 3 })).toEqual({ value: ["a"] });
  });
});

test("moments go to the input and back", () => {
  const stored = "2026-11-23 10:15:07.000Z";
  expect(fromInput(toInput(stored))).toBe(stored);
  expect(toInput("")).toBe("");
  expect(fromInput("nonsense")).toBe("");
});

test("the address of a table", () => {
  expect(recordsSearch({ page: "3", perPage: "100", sort: "-title", junk: "x" })).toEqual({
    page: 3,
    perPage: 100,
    sort: "-title",
  });
  expect(recordsSearch({ page: "1", perPage: "7", filter: "" })).toEqual({});
  expect(toggleHidden("a,b", "a")).toBe("b");
  expect(toggleHidden("b", "b")).toBeUndefined();
});

test("code that does what is on the screen", () => {
  const query = { page: 1, perPage: 50, filter: "title ~ 'it'", sort: undefined };
  expect(listAsCurl("http://h", "posts", query)).toContain(`'filter=title ~ '\\''it'\\'''`);
  expect(listAsJs("posts", query)).toContain('pb.collection("posts").getList(1, 50, {');
});

const gallery = aCollection({
  name: "gallery",
  fields: [
    aField("id", "text", { primaryKey: true }),
    aField("photos", "file", { maxSelect: 5 }),
    aField("tags", "array"),
    aField("author", "relation", { collectionId: "pbc_people" }),
    aField("state", "select", { values: ["new", "old"] }),
    aField("shown", "bool"),
    aField("place", "geoPoint"),
  ],
});
const people = aCollection({ name: "people", fields: [aField("name", "text", { presentable: true })] });
const stored = {
  id: "g1",
  photos: ["a.png"],
  tags: ["x", "y"],
  author: "",
  state: "",
  shown: false,
  place: { lon: 0, lat: 0 },
};
const server = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([gallery, people]),
  "GET /api/collections/gallery/records": pageOf([stored]),
  "GET /api/collections/gallery/records/g1": { body: stored },
  "GET /api/collections/people/records": pageOf([
    { id: "p1", name: "Ada" },
    { id: "p2", name: "Bob" },
  ]),
};

test("an item that is moved takes the focus of its button along", async () => {
  const tags = { ...stored, tags: ["x", "y", "z"] };
  stubServer({ ...server, "GET /api/collections/gallery/records/g1": { body: tags } });
  const { user } = renderApp("/collections/gallery/records?record=g1");
  const items = () => screen.getAllByLabelText(/^Item \d$/).map((input) => (input as HTMLInputElement).value);
  await user.click(await screen.findByRole("button", { name: "Move item 1 down" }));
  expect(items()).toEqual(["y", "x", "z"]);
  await user.keyboard("{Enter}");
  expect(items()).toEqual(["y", "z", "x"]);
  await user.keyboard("{Enter}");
  expect(items()).toEqual(["y", "z", "x"]);
});

test("a form with every sort of control", async () => {
  const calls = stubServer({
    ...server,
    "PATCH /api/collections/gallery/records/g1": { body: stored },
  });
  const { user } = renderApp("/collections/gallery/records?record=g1");
  const panel = await screen.findByRole("dialog");
  await user.click(await within(panel).findByRole("button", { name: "Move item 2 up" }));
  await user.click(within(panel).getByRole("button", { name: "Add item" }));
  await user.type(within(panel).getByLabelText("Item 3"), "z");
  await user.selectOptions(within(panel).getByLabelText("state"), "old");
  await user.click(within(panel).getByRole("switch", { name: "shown" }));
  await user.click(within(panel).getByRole("button", { name: "Choose a record" }));
  await user.click(await within(panel).findByRole("option", { name: /Bob/ }));
  expect(await within(panel).findByRole("link", { name: "Open Bob" })).toBeVisible();
  await user.click(within(panel).getByRole("button", { name: "Remove a.png" }));
  expect(within(panel).getByText("removed when you save")).toBeVisible();
  await user.click(within(panel).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
    tags: ["y", "x", "z"],
    state: "old",
    shown: true,
    author: "p2",
    photos: [],
  });
});

test("a file is uploaded with the rest of the record", async () => {
  stubServer(server);
  const { user } = renderApp("/collections/gallery/records?record=g1");
  const panel = await screen.findByRole("dialog");
  const photo = new File(["png"], "b.png", { type: "image/png" });
  await user.upload(await within(panel).findByLabelText("Files for photos"), photo);
  expect(within(panel).getByText("b.png")).toBeVisible();
  await user.click(within(panel).getByRole("switch", { name: "shown" }));
  await user.click(within(panel).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(upload).toHaveBeenCalled());
  const [path, form, options] = vi.mocked(upload).mock.calls[0] ?? [];
  expect(path).toBe("/api/collections/{collection}/records/{id}");
  expect(options?.path).toEqual({ collection: "gallery", id: "g1" });
  expect(options?.method).toBe("PATCH");
  expect(form?.get("@jsonPayload")).toBe('{"shown":true}');
  expect(form?.getAll("photos").map((part) => (part instanceof File ? part.name : part))).toEqual([
    "a.png",
    "b.png",
  ]);
});
