import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { pageOf, session, stubServer } from "../../../tests/server";

test("a new field stands before the moments of creation and change that end the list", async () => {
  const dated = aCollection({
    name: "dated",
    fields: [aField("title", "text"), aField("created", "autodate"), aField("updated", "autodate")],
  });
  stubServer({ "GET /api/admin/session": { body: session }, "GET /api/collections": pageOf([dated]) });
  const { user } = renderApp("/collections/dated");
  await user.click(await screen.findByRole("button", { name: "Add a field" }));
  await user.type(await screen.findByLabelText("Find a kind"), "price number{Enter}");
  await user.click(
    within(await screen.findByRole("dialog", { name: "price" })).getByRole("button", { name: "Done" }),
  );
  const rows = within(screen.getByRole("list", { name: "Fields" })).getAllByRole("listitem");
  const names = rows.map(({ textContent }) =>
    ["title", "price", "created", "updated"].find((name) => textContent?.includes(name)),
  );
  expect(names).toEqual(["title", "price", "created", "updated"]);
});

test("a field that is moved to the end from its panel leaves the focus at its button", async () => {
  const posts = aCollection({ name: "posts", fields: [aField("title", "text"), aField("views", "number")] });
  stubServer({ "GET /api/admin/session": { body: session }, "GET /api/collections": pageOf([posts]) });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Settings of views" }));
  const panel = await screen.findByRole("dialog", { name: "views" });
  const up = within(panel).getByRole("button", { name: "Move up" });
  up.focus();
  // The last press finds it at the beginning.
  await user.keyboard("{Enter}{Enter}");
  expect(up).toHaveFocus();
  expect(up).toHaveAttribute("aria-disabled", "true");
  await user.click(within(panel).getByRole("button", { name: "Done" }));
  const rows = within(screen.getByRole("list", { name: "Fields" })).getAllByRole("listitem");
  expect(rows[0]).toHaveTextContent("views");
});
