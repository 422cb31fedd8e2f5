/** Pictures of what plugins do without a collection, of the file storage and the server, and of definitions on their way. */
import { afterAll, beforeAll, test } from "vitest";
import { signIn } from "./harness/browser";
import { type Bucket, startBucket } from "./harness/bucket";
import { album } from "./harness/camera";
import { seedMoments, signedInApi } from "./harness/seed";

let bucket: Bucket;

beforeAll(async () => {
  bucket = await startBucket();
});

afterAll(() => bucket?.stop());

const { server, shootAll } = album();

test("by the clock and by requests", async () => {
  const ids = await seedMoments(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, `/_/plugins/${ids.moments}`);
    await page.getByRole("heading", { name: "Inspection" }).waitFor();
    await shoot("plugin-moments");
    await page.goto(`/_/plugins/${ids.moments}?tab=schedules`);
    await page.getByText("nightly", { exact: true }).first().waitFor();
    await shoot("plugin-schedules");
    await page.getByRole("button", { name: "History of fails" }).click();
    await page.getByText("nothing works today").first().waitFor();
    await shoot("plugin-schedule-history");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "New schedule" }).click();
    await page.getByRole("button", { name: "Mondays" }).click();
    await page.getByRole("list", { name: "The next times, in your time zone" }).waitFor();
    await shoot("plugin-schedule-new");
    await page.goto(`/_/plugins/${ids.feed}?tab=route`);
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("region", { name: "Answer" }).waitFor();
    await shoot("plugin-route");
    await page.getByRole("region", { name: "Answer" }).scrollIntoViewIfNeeded();
    await shoot("plugin-route-answer");
  });
});

test("file storage and the server", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/settings?tab=storage");
    await page.getByRole("heading", { name: "Move the files" }).waitFor();
    await page.getByLabel("Provider").selectOption({ label: "Cloudflare R2" });
    await shoot("settings-storage");
    await page.goto("/_/settings?tab=server");
    await page.getByRole("heading", { name: "Limits" }).waitFor();
    await shoot("settings-server");
  });
  const api = await signedInApi(server());
  const s3 = {
    enabled: true,
    bucket: "files",
    region: "eu",
    endpoint: bucket.url,
    accessKey: "k",
    secret: "secret",
  };
  await api.patch("/api/settings", { s3: { ...s3, forcePathStyle: true } });
  bucket.refuse("DELETE");
  const moving = {
    state: "running",
    to: "s3",
    files: 4120,
    bytes: 9_400_000_000,
    movedFiles: 1733,
    movedBytes: 3_900_000_000,
    failedFiles: 0,
    problem: "",
    started: new Date().toISOString(),
    ended: "",
  };
  await shootAll(async (page, shoot) => {
    let move: object = moving;
    await page.route("**/api/settings/storage/migrate", (route) => route.fulfill({ json: move }));
    await signIn(page, "/_/settings?tab=storage");
    await page.getByRole("button", { name: "Test the storage" }).click();
    await page.getByText("The key may not do this").scrollIntoViewIfNeeded();
    await shoot("settings-storage-refused", { still: true });
    await page.getByRole("progressbar").scrollIntoViewIfNeeded();
    await shoot("settings-storage-moving", { still: true });
    const ended = new Date().toISOString();
    move = { ...moving, state: "failed", ended, failedFiles: 12, problem: "The bucket is full." };
    await page.getByText("Not finished").scrollIntoViewIfNeeded();
    await shoot("settings-storage-failed", { still: true });
  });
});

test("definitions and columns", async () => {
  const api = await signedInApi(server());
  await api.post("/api/collections", {
    name: "totals",
    type: "view",
    viewQuery: "SELECT id, number, total, paid FROM invoices ORDER BY number LIMIT 20",
  });
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/totals?tab=query");
    await page.getByRole("region", { name: "Preview" }).waitFor();
    await shoot("collection-view");
    await page.goto("/_/collections/posts");
    await page.getByRole("button", { name: "Remove slug" }).click();
    await page.getByRole("button", { name: "Review and save" }).click();
    await page.getByText("As a request").click();
    await shoot("collection-request");
    await page.goto("/_/collections/posts/records");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("button", { name: "Move status to the left" }).click();
    await shoot("records-columns");
  });
});
