import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const view = aCollection({
  name: "totals",
  type: "view",
  viewQuery: "SELECT id FROM posts",
  fields: [aField("id", "text")],
});

test("a view is previewed as its query is typed, and what is wrong with it is said", async () => {
  const queries: unknown[] = [];
  stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/collections": pageOf([view]),
    "POST /api/collections/meta/dry-run-view": ({ body }) => {
      const { query } = body as { query: string };
      queries.push(query);
      return query.endsWith("nowhere")
        ? refusal(400, "No.", {
            query: { code: "validation_invalid_view_query", message: "No table nowhere." },
          })
        : {
            body: {
              fields: [aField("id", "text"), aField("total", "number")],
              sample: [
                { id: "r1", total: 12.5 },
                { id: "r2", total: null },
              ],
            },
          };
    },
  });
  const { user } = renderApp("/collections/totals?tab=query");
  const table = await screen.findByRole("table", { name: "Preview" });
  expect(within(table).getByRole("columnheader", { name: /total/ })).toBeVisible();
  expect(within(table).getByText("12.5")).toBeVisible();
  expect(within(table).getByRole("row", { name: "r2 None" })).toBeVisible();
  const query = screen.getByRole("textbox", { name: "Query" });
  await user.clear(query);
  await user.type(query, "SELECT id FROM nowhere");
  expect(await screen.findByText("No table nowhere.")).toBeVisible();
  await waitFor(() => expect(queries.at(-1)).toBe("SELECT id FROM nowhere"));
});

test("a change is shown as the request that makes it", async () => {
  stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/collections": pageOf([aCollection({ name: "posts", listRule: "" })]),
  });
  const { user } = renderApp("/collections/posts");
  await user.click(await screen.findByRole("button", { name: "Remove title" }));
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByText("As a request"));
  expect(within(dialog).getByText(/curl -X PATCH 'http:.*\/api\/collections\/posts'/)).toBeVisible();
  expect(within(dialog).getByText(/"fields": \[\]/)).toBeVisible();
});
