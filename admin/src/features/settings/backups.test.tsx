import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { refusal, session, stubServer } from "../../../tests/server";

const key = "pb_backup_acme_20261128.zip";
const backup = { key, size: 2_400_000, modified: "2026-11-28 10:00:00.000Z" };
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/settings": {
    body: { backups: { cron: "", cronMaxKeep: 3, s3: { enabled: false, bucket: "", endpoint: "" } } },
  },
  "GET /api/backups": { body: [backup] },
  "GET /api/backups/status": { body: { running: null, last: null } },
};

test("a backup is made, checked and deleted", async () => {
  let items: unknown[] = [];
  const calls = stubServer({
    ...base,
    "GET /api/backups": () => ({ body: items }),
    "POST /api/backups": () => {
      items = [backup];
      return { status: 204 };
    },
    [`POST /api/backups/${key}/verify`]: {
      body: {
        valid: true,
        problem: "",
        code: "",
        appName: "Acme",
        entries: 12,
        bytes: 5_000_000,
        filesElsewhere: 3,
      },
    },
    [`DELETE /api/backups/${key}`]: () => {
      items = [];
      return { status: 204 };
    },
  });
  const { user } = renderApp("/settings?tab=backups");
  expect(await screen.findByRole("heading", { name: "No backups yet" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Make a backup" }));
  await user.click(await screen.findByRole("button", { name: `Check ${key}` }));
  const verdict = await screen.findByRole("dialog");
  expect(within(verdict).getByText("It is whole")).toBeVisible();
  expect(within(verdict).getByText("3 files are not in it")).toBeVisible();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: `Delete ${key}` }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("heading", { name: "No backups yet" })).toBeVisible();
  expect(calls.filter(({ method }) => method === "POST")[0]?.body).toEqual({});
});

test("restoring asks for the name, and says what is wrong with the archive", async () => {
  let damaged = true;
  const calls = stubServer({
    ...base,
    [`POST /api/backups/${key}/restore`]: () =>
      damaged ? refusal(400, "The backup is damaged.") : { status: 204 },
  });
  const { user } = renderApp("/settings?tab=backups");
  await user.click(await screen.findByRole("button", { name: `Restore ${key}` }));
  const question = await screen.findByRole("alertdialog");
  const confirm = within(question).getByRole("button", { name: "Restore" });
  expect(confirm).toBeDisabled();
  await user.type(within(question).getByLabelText(`Type ${key} to confirm`), key);
  await user.click(confirm);
  expect(await within(question).findByText("The backup is damaged.")).toBeVisible();
  damaged = false;
  await user.click(confirm);
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(await screen.findByText("The server changes to the backup")).toBeVisible();
  expect(calls.filter(({ path }) => path.endsWith("/restore"))).toHaveLength(2);
});

test("what cannot be restored is said to be, and what runs is shown", async () => {
  stubServer({
    ...base,
    "GET /api/backups/status": {
      body: {
        running: {
          action: "create",
          key: "x.zip",
          started: "",
          step: "files",
          doneBytes: 500,
          totalBytes: 1000,
        },
        last: null,
      },
    },
    [`POST /api/backups/${key}/verify`]: {
      body: { valid: false, problem: "It is cut off.", code: "validation_backup_damaged" },
    },
  });
  const { user } = renderApp("/settings?tab=backups");
  expect(await screen.findByRole("progressbar", { name: "Making a backup" })).toHaveAttribute(
    "aria-valuenow",
    "50",
  );
  await user.click(await screen.findByRole("button", { name: `Check ${key}` }));
  expect(await screen.findByText("It is cut off.")).toBeVisible();
});

test("one is fetched with a token that lives for moments", async () => {
  const assign = vi.fn();
  vi.stubGlobal("location", { ...window.location, assign });
  stubServer({ ...base, "POST /api/files/token": { body: { token: "t1" } } });
  const { user } = renderApp("/settings?tab=backups");
  await user.click(await screen.findByRole("button", { name: `Download ${key}` }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith(`/api/backups/${key}?token=t1`));
});

test("the schedule and the bucket are set", async () => {
  const calls = stubServer({
    ...base,
    "PATCH /api/settings": ({ body }) => ({ body: { backups: body } }),
  });
  const { user } = renderApp("/settings?tab=backups");
  await user.type(await screen.findByLabelText("When"), "@daily");
  await user.type(screen.getByLabelText("Bucket"), "safe");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
      backups: { cron: "@daily", s3: { bucket: "safe" } },
    }),
  );
});
