import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, anAttachment, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";
import { configFields, withBase } from "./config-schema";

const schema = {
  type: "object",
  required: ["field"],
  properties: { field: { type: "string", title: "Field" }, max: { type: "integer" } },
};
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([aCollection()]),
  "GET /api/plugins": pageOf([aPlugin({ state: "active", manifest: { config: schema } })]),
  "GET /api/plugins/p1/attachments": { body: { items: [anAttachment({ config: { max: 9 } })] } },
  "GET /api/plugins/p1/grants": { body: {} },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin()] } },
  "GET /api/plugins/p1/config": { body: { field: "title" } },
};

test("a plugin is configured for all places, and shown where one says something else", async () => {
  let refused = true;
  const calls = stubServer({
    ...base,
    "PUT /api/plugins/p1/config": ({ body }) =>
      refused
        ? refusal(400, "Failed to configure the plugin.", {
            config: {
              code: "validation_invalid_value",
              message: "/max is above 9.",
              params: { pointer: "/max" },
            },
          })
        : { body },
  });
  const { user, address } = renderApp("/plugins/p1?tab=config");
  const places = await screen.findByRole("list", { name: "Where it is called" });
  expect(await within(places).findByText("max")).toBeVisible();
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await user.type(screen.getByLabelText("max"), "12");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("/max is above 9.")).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Figures" }));
  await user.click(
    within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Keep editing" }),
  );
  expect(address()).toBe("/plugins/p1?tab=config");
  refused = false;
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Save" })).toBeDisabled());
  expect(calls.filter(({ method }) => method === "PUT").at(-1)?.body).toEqual({ field: "title", max: 12 });
});

test("a place shows what holds there anyway", async () => {
  stubServer(base);
  const { user } = renderApp("/plugins/p1?tab=runs");
  await user.click(await screen.findByRole("button", { name: "Settings on posts" }));
  const sheet = await screen.findByRole("dialog");
  await waitFor(() => expect(within(sheet).getByLabelText("Field")).toHaveAttribute("placeholder", "title"));
  expect(within(sheet).getByLabelText("Field")).toHaveValue("");
  expect(within(sheet).getByLabelText("max")).toHaveValue(9);
});

test("what has a value from elsewhere is not required", () => {
  const [field] = configFields(schema) ?? [];
  if (!field) throw new Error("no field");
  expect(field.required).toBe(true);
  expect(withBase(field, { field: "x" })).toMatchObject({ required: false, initial: "x" });
  expect(withBase(field, { max: 1 })).toBe(field);
});
