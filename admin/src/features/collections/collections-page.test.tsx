import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const signedIn = { "GET /api/admin/session": { body: session } };
const some = pageOf([
  aCollection({ name: "posts", listRule: "", viewRule: "", createRule: "@request.auth.id != ''" }),
  aCollection({ name: "comments", type: "auth" }),
  aCollection({ name: "_superusers", type: "auth", system: true }),
]);

const names = () =>
  within(screen.getByRole("table"))
    .getAllByRole("link")
    .map((link) => link.textContent)
    .filter((name) => name !== "");

test("the project's collections are listed, the system's on demand", async () => {
  stubServer({ ...signedIn, "GET /api/collections": some });
  const { user, address } = renderApp("/collections");
  await screen.findByRole("table");
  expect(names()).toEqual(["comments", "posts"]);
  await user.click(screen.getByLabelText("System collections"));
  await waitFor(() => expect(names()).toEqual(["comments", "posts", "_superusers"]));
  expect(address()).toBe("/collections?system=yes");
});

test("a search is in the address, and the address is a search", async () => {
  stubServer({ ...signedIn, "GET /api/collections": some });
  const { user, address } = renderApp("/collections?search=POST");
  await screen.findByRole("table");
  expect(names()).toEqual(["posts"]);
  expect(screen.getByText("1 of 2 collections")).toBeVisible();

  const search = screen.getByLabelText("Search collections");
  await user.clear(search);
  await user.type(search, "zebra");
  expect(await screen.findByText("Nothing matches “zebra”")).toBeVisible();
  await waitFor(() => expect(address()).toBe("/collections?search=zebra"));
  const notice = screen.getByText("Nothing matches “zebra”").closest("[data-slot=card]") as HTMLElement;
  await user.click(within(notice).getByRole("button", { name: "Clear search" }));
  await waitFor(() => expect(names()).toEqual(["comments", "posts"]));
});

test("the slash key reaches the search", async () => {
  stubServer({ ...signedIn, "GET /api/collections": some });
  const { user } = renderApp("/collections");
  await screen.findByRole("table");
  await user.keyboard("/");
  expect(screen.getByLabelText("Search collections")).toHaveFocus();
});

test("each action's rule is in words", async () => {
  stubServer({ ...signedIn, "GET /api/collections": some });
  renderApp("/collections");
  const row = (await screen.findByRole("link", { name: "posts" })).closest("tr") as HTMLElement;
  expect(within(row).getByText("List: Everyone")).toBeInTheDocument();
  expect(within(row).getByText("Create: By rule")).toBeInTheDocument();
  expect(within(row).getByText("Delete: Superusers only")).toBeInTheDocument();
});

test("all pages of a long list are fetched", async () => {
  stubServer({
    ...signedIn,
    "GET /api/collections": ({ query }) => {
      const page = Number(query.get("page"));
      const body = {
        page,
        perPage: 1,
        totalItems: 2,
        totalPages: 2,
        items: [aCollection({ name: `part${page}` })],
      };
      return { body };
    },
  });
  renderApp("/collections");
  await screen.findByRole("table");
  expect(names()).toEqual(["part1", "part2"]);
});

test("an empty project says how to begin", async () => {
  stubServer({ ...signedIn, "GET /api/collections": pageOf([]) });
  renderApp("/collections");
  expect(await screen.findByRole("heading", { name: "No collections yet" })).toBeVisible();
});

test("an error shows the request id and can be tried again", async () => {
  let broken = true;
  stubServer({ ...signedIn, "GET /api/collections": () => (broken ? refusal(500, "Oops.") : some) });
  const { user } = renderApp("/collections");
  expect(await screen.findByRole("alert")).toHaveTextContent("The server failed");
  expect(screen.getByText("Request req-1")).toBeVisible();
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("table")).toBeVisible();
});

test("a session that ended leads to sign in and keeps the address", async () => {
  let signedOut = false;
  stubServer({
    "GET /api/admin/session": () => (signedOut ? refusal(401, "Sign in.") : { body: session }),
    "GET /api/collections": () => (signedOut ? refusal(401, "Sign in.") : some),
    "GET /api/plugins": () => (signedOut ? refusal(401, "Sign in.") : pageOf([])),
  });
  const { user, address } = renderApp("/collections");
  await screen.findByRole("table");
  signedOut = true;
  await user.click(screen.getAllByRole("link", { name: "Plugins" })[0] as HTMLElement);
  await waitFor(() => expect(address()).toBe("/login?redirect=%2Fplugins&expired=yes"));
  expect(await screen.findByText(/Your session has ended/)).toBeVisible();
});
