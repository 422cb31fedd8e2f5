/** Pictures of definitions on their way: what a change does to the database, of one collection and of an import, and what stands against it. */
import { test } from "vitest";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";
import { signedInApi } from "./harness/seed";
import { seedView } from "./harness/seed-view";

const { server, shootAll } = album();

test("a change before it is made", async () => {
  await seedView(server());
  const api = await signedInApi(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/invoices");
    await page.getByRole("button", { name: "Remove paid" }).click();
    await page.getByRole("button", { name: "Review and save" }).click();
    const review = page.getByRole("dialog");
    await review.getByText("What happens in the database").click();
    await review.getByText(/DROP COLUMN/).scrollIntoViewIfNeeded();
    await shoot("review-migration");
    await review.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Discard" }).click();

    await page.getByRole("tab", { name: "Indexes" }).click();
    await page.getByRole("button", { name: "Add an index" }).click();
    await review.getByRole("checkbox", { name: "paid" }).click();
    await review.getByRole("switch", { name: /Unique/ }).click();
    await review.getByRole("button", { name: "Add an index" }).click();
    await page.getByRole("button", { name: "Review and save" }).click();
    await review.getByText("What happens in the database").click();
    await review.getByRole("alert").waitFor();
    await shoot("review-migration-refused");
    await review.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Discard" }).click();

    await page.goto("/_/collections");
    await page.getByRole("button", { name: "Import and export" }).click();
    await page.getByRole("menuitem", { name: "Import from JSON" }).click();
    const members = { name: "members", fields: [{ name: "nickname", type: "text" }] };
    const fresh = { name: "drafts", type: "base", fields: [{ name: "text", type: "text" }] };
    await page.getByLabel("File of definitions").setInputFiles({
      name: "collections.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify([members, fresh])),
    });
    await page.getByText("What happens in the database").click();
    await page.getByText(/CREATE TABLE/).scrollIntoViewIfNeeded();
    await shoot("import-migration");

    await page.goto("/_/collections");
    await page.getByRole("button", { name: "New collection" }).click();
    await review.getByLabel("Name").fill("visits");
    await review.getByText("What happens in the database").click();
    await review.getByText(/CREATE TABLE/).scrollIntoViewIfNeeded();
    await shoot("collection-new-tried");

    await page.goto("/_/collections/invoices/records");
    await page.getByRole("button", { name: "Data" }).click();
    await page.getByRole("menuitem", { name: "JSON (a list)" }).waitFor();
    await shoot("records-data-menu");

    await api.post("/api/collections", { name: "notes", type: "base", fields: [] });
    await page.goto("/_/collections/notes");
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Delete collection" }).click();
    const question = page.getByRole("alertdialog");
    await question.getByLabel("Type notes to confirm").fill("notes");
    await api.patch("/api/collections/notes", { fields: [{ name: "precious", type: "text" }] });
    await question.getByRole("button", { name: "Delete", exact: true }).click();
    await question.getByText(/Nothing is deleted yet/).waitFor();
    await shoot("collection-delete-meanwhile");
    await question.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("notes is deleted").waitFor();

    await page.route("**/meta/dry-run-view", (route) => route.abort("connectionrefused"));
    await page.goto("/_/collections/totals?tab=query");
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    await shoot("view-preview-away");
    await page.unrouteAll();
  });
});
