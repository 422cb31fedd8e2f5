import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { movedShare } from "@/api/storage";
import { renderApp } from "../../../tests/render-app";
import { type Call, refusal, session, stubServer } from "../../../tests/server";

const s3 = {
  enabled: true,
  bucket: "b",
  endpoint: "e",
  region: "r",
  accessKey: "k",
  forcePathStyle: false,
  directDownloads: false,
};
const idle = {
  state: "idle",
  to: "",
  files: 0,
  bytes: 0,
  movedFiles: 0,
  movedBytes: 0,
  failedFiles: 0,
  problem: "",
  started: "",
  ended: "",
} as const;
const presets = [
  {
    id: "r2",
    name: "Cloudflare R2",
    endpoint: "https://{account}.r2.cloudflarestorage.com",
    region: "auto",
    forcePathStyle: true,
    hint: "An API token of R2.",
  },
];
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/settings": { body: { s3 } },
  "GET /api/settings/storage/presets": { body: presets },
  "GET /api/settings/storage/migrate": { body: idle },
};
const sent = (calls: Call[], method: string) => calls.filter((call) => call.method === method);

test("a secret is never shown, and sent only when it was typed; the storage is tried when it is saved", async () => {
  let reachable = false;
  const calls = stubServer({
    ...base,
    "PATCH /api/settings": { body: { s3 } },
    "POST /api/settings/test/s3": () =>
      reachable
        ? { status: 204 }
        : refusal(400, "No.", {
            s3: {
              code: "validation_s3_permission",
              message: "The access key does not have the permission s3:ListBucket.",
              params: { permission: "s3:ListBucket", details: "<Code>AccessDenied</Code>" },
            },
          }),
  });
  const { user } = renderApp("/settings?tab=storage");
  await user.click(await screen.findByRole("button", { name: "Test the storage" }));
  expect(await screen.findByText("The key may not do this")).toBeVisible();
  expect(
    screen.getByText(/does not have the permission s3:ListBucket\. Allow it in the policy/),
  ).toBeVisible();
  expect(screen.getByText("<Code>AccessDenied</Code>")).not.toBeVisible();
  await user.click(screen.getByText("Details"));
  expect(screen.getByText("<Code>AccessDenied</Code>")).toBeVisible();
  const steps = within(screen.getByRole("alert")).getAllByRole("listitem");
  expect(steps.map((step) => step.lastChild?.textContent)).toEqual([
    "worked",
    "worked",
    "failed",
    "not known",
  ]);
  reachable = true;
  await user.click(screen.getByRole("button", { name: "Test the storage" }));
  expect(await screen.findByText("A file was written, read and deleted.")).toBeVisible();
  await user.type(screen.getByLabelText("Secret"), "hush");
  expect(screen.getByRole("button", { name: "Test the storage" })).toBeDisabled();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent(calls, "PATCH")[0]?.body).toEqual({ s3: { secret: "hush" } }));
});

test("of a bucket that is not reached no step is shown, and of one that says something new its own words", async () => {
  const says = (code: string, message: string) =>
    refusal(400, message, { s3: { code, message, params: { permission: "s3:PutObject" } } });
  let answer = says("validation_s3_host", "There is no host nowhere.invalid.");
  stubServer({ ...base, "POST /api/settings/test/s3": () => answer });
  const { user } = renderApp("/settings?tab=storage");
  await user.click(await screen.findByRole("button", { name: "Test the storage" }));
  expect(await screen.findByText("There is no such host")).toBeVisible();
  const alert = screen.getByRole("alert");
  expect(within(alert).getByText(/^There is no host nowhere\.invalid\. Check the endpoint/)).toBeVisible();
  expect(within(alert).queryAllByRole("listitem")).toEqual([]);
  expect(within(alert).queryByText("Details")).toBeNull();
  answer = says("validation_s3_moon", "The bucket is on the moon.");
  await user.click(screen.getByRole("button", { name: "Test the storage" }));
  expect(await screen.findByText("The bucket is on the moon.", { selector: "p" })).toBeVisible();
});

test("a provider fills in what is special about its buckets", async () => {
  const calls = stubServer({ ...base, "PATCH /api/settings": { body: { s3 } } });
  const { user } = renderApp("/settings?tab=storage");
  await user.selectOptions(await screen.findByLabelText("Provider"), "Cloudflare R2");
  expect(screen.getByText("An API token of R2.")).toBeVisible();
  expect(screen.getByLabelText("Endpoint")).toHaveValue("e");
  await user.type(screen.getByLabelText("Account"), "0123");
  expect(screen.getByLabelText("Endpoint")).toHaveValue("https://0123.r2.cloudflarestorage.com");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(sent(calls, "PATCH")[0]?.body).toEqual({
      s3: { endpoint: "https://0123.r2.cloudflarestorage.com", region: "auto", forcePathStyle: true },
    }),
  );
});

test("files are moved with their progress shown, stopped, and the rest is moved", async () => {
  let move: Record<string, unknown> = idle;
  const calls = stubServer({
    ...base,
    "GET /api/settings/storage/migrate": () => ({ body: move }),
    "POST /api/settings/storage/migrate": () => {
      move = { ...idle, state: "running", to: "s3", files: 4, bytes: 100, movedFiles: 1, movedBytes: 25 };
      return { body: move };
    },
    "DELETE /api/settings/storage/migrate": () => {
      move = { ...move, state: "cancelled", ended: "2026-11-22 10:00:00.000Z" };
      return { status: 204 };
    },
  });
  const { user } = renderApp("/settings?tab=storage");
  await user.click(await screen.findByRole("button", { name: "Move all files" }));
  const question = await screen.findByRole("alertdialog", { name: "Move all files to the bucket?" });
  await user.click(within(question).getByRole("button", { name: "Move all files" }));
  expect(await screen.findByText("25%")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Moving" })).toHaveAttribute("aria-valuenow", "25");
  expect(screen.getByText("1 of 4 files")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByText("Stopped")).toBeVisible();
  expect(screen.getByRole("button", { name: "Move the rest" })).toBeEnabled();
  expect(sent(calls, "POST")[0]?.body).toEqual({ to: "s3" });
});

test("what could not be moved is told with why, and a refusal in the question", async () => {
  stubServer({
    ...base,
    "GET /api/settings/storage/migrate": {
      body: { ...idle, state: "failed", to: "s3", files: 3, failedFiles: 2, problem: "The bucket is full." },
    },
    "POST /api/settings/storage/migrate": refusal(400, "The files are being moved already."),
  });
  const { user } = renderApp("/settings?tab=storage");
  expect(await screen.findByText("2 files could not be moved")).toBeVisible();
  expect(screen.getByText("The bucket is full.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Move the rest" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Move all files" }));
  expect(await within(question).findByText("The files are being moved already.")).toBeVisible();
});

test("with one place there is nothing to move, and what is typed is asked for before it is lost", async () => {
  stubServer({ ...base, "GET /api/settings": { body: { s3: { ...s3, enabled: false, bucket: "" } } } });
  const { user, address } = renderApp("/settings?tab=storage");
  expect(await screen.findByRole("button", { name: "Move all files" })).toBeDisabled();
  await user.type(screen.getByLabelText("Bucket"), "files");
  await user.click(screen.getByRole("tab", { name: "API keys" }));
  await user.click(
    within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Keep editing" }),
  );
  expect(address()).toBe("/settings?tab=storage");
  expect(screen.getByLabelText("Bucket")).toHaveValue("files");
});

test.each([
  [{ ...idle }, null],
  [{ ...idle, files: 4, bytes: 100, movedFiles: 1, movedBytes: 50 }, 0.5],
  [{ ...idle, files: 4, bytes: 0, movedFiles: 1 }, 0.25],
])("the share of %o is %s", (move, share) => {
  expect(movedShare(move)).toBe(share);
});
