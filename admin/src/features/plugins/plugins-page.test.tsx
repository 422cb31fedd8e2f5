import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import type * as Queries from "@/api/queries";
import type { Plugin } from "@/api/types";
import { renderApp } from "../../../tests/render-app";
import { aPlugin } from "../../../tests/samples";
import { pageOf, session, stubServer } from "../../../tests/server";

const upload = vi.hoisted(() => vi.fn());
vi.mock("@/api/queries", async (original) => ({
  ...(await original<typeof Queries>()),
  uploadPlugin: upload,
}));

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([]),
  "GET /api/plugins": pageOf([]),
  "GET /api/plugins/p1/attachments": { body: { items: [] } },
  "GET /api/plugins/p1/grants": { body: { records: [] } },
  "GET /api/plugins/p1/logs": { body: { items: [] } },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin()] } },
};

const file = new File(["\0asm"], "slugify.wasm", { type: "application/wasm" });

/** An upload that goes on until the test ends it. */
function heldUpload() {
  let end: { resolve: (plugin: Plugin) => void; reject: (error: Error) => void } | undefined;
  let progress: (share: number) => void = () => {};
  upload.mockImplementation((_: File, { onProgress }: { onProgress: (share: number) => void }) => {
    progress = onProgress;
    return new Promise<Plugin>((resolve, reject) => {
      end = { resolve, reject };
    });
  });
  return {
    progress: (share: number) => progress(share),
    succeed: (plugin: Plugin) => end?.resolve(plugin),
    fail: (error: Error) => end?.reject(error),
  };
}

test("a chosen file is sent, inspected and shown", async () => {
  let plugins: Plugin[] = [];
  stubServer({ ...base, "GET /api/plugins": () => pageOf(plugins) });
  const held = heldUpload();
  const { user, address } = renderApp("/plugins");
  await user.upload(await screen.findByLabelText("Plugin file"), file);
  expect(await screen.findByText("Uploading slugify.wasm")).toBeVisible();
  held.progress(1);
  expect(await screen.findByText("Inspecting and compiling slugify.wasm")).toBeVisible();
  plugins = [aPlugin()];
  held.succeed(aPlugin());
  await waitFor(() => expect(address()).toBe("/plugins/p1"));
  expect(await screen.findByRole("heading", { name: "Inspection" })).toBeVisible();
});

test("a file can be dropped anywhere on the page", async () => {
  stubServer(base);
  const held = heldUpload();
  renderApp("/plugins");
  await screen.findByText("Drop a .wasm component here");
  const dataTransfer = { types: ["Files"], files: [file], dropEffect: "none" };
  fireEvent.dragEnter(document.body, { dataTransfer });
  expect(await screen.findByText("Drop it to inspect it")).toBeVisible();
  fireEvent.drop(document.body, { dataTransfer });
  expect(await screen.findByText("Uploading slugify.wasm")).toBeVisible();
  held.fail(new DOMException("Cancelled", "AbortError"));
  expect(await screen.findByText("Drop a .wasm component here")).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a refusal explains itself and offers another try", async () => {
  stubServer(base);
  const held = heldUpload();
  const { user } = renderApp("/plugins");
  await user.upload(await screen.findByLabelText("Plugin file"), file);
  held.fail(
    new ApiError({
      kind: "refused",
      status: 400,
      message: "Refused.",
      fields: { file: { code: "plugin_not_component", message: "magic header not detected" } },
      requestId: "req-9",
    }),
  );
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("This is not a Wasm component");
  expect(alert).toHaveTextContent("slugify.wasm was not accepted");
  expect(alert).toHaveTextContent("magic header not detected");
  expect(alert).toHaveTextContent("Request req-9");
  expect(screen.getByRole("button", { name: "Choose another file" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});
