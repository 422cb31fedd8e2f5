import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { refusal, session, stubServer } from "../../../tests/server";

const base = { "GET /api/admin/session": { body: session }, "GET /api/settings": { body: {} } };

test("the server says what it is and what it refuses to go beyond", async () => {
  stubServer({
    ...base,
    "GET /api/system/info": {
      body: {
        version: "0.1.0",
        engine: { database: "libSQL", plugins: "wasmtime" },
        platform: "linux",
        uptimeS: 7200,
        durability: "normal",
        workers: 2,
        databaseThreads: 4,
        pluginThreads: 3,
        limits: { bodyBytes: 33_554_432 },
      },
    },
  });
  renderApp("/settings?tab=server");
  expect(await screen.findByText("libSQL")).toBeVisible();
  expect(screen.getByText("2 hours")).toBeVisible();
  expect(screen.getByText(/a power cut may cost/)).toBeVisible();
  expect(screen.getByText("33,554,432")).toBeVisible();
});

test("a server that fails is said to", async () => {
  stubServer({ ...base, "GET /api/system/info": refusal(500, "Oops.") });
  renderApp("/settings?tab=server");
  expect(await screen.findByText("Request req-1")).toBeVisible();
});
