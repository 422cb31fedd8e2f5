/** Pictures of what is seldom seen: quotas that are over, breakers that are open, events that were given up, offers to undo. */
import { test } from "vitest";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";
import { seedPlugins } from "./harness/seed";
import { backupList, breakers, ledger, metrics, outboxRows, realtimeClients } from "./harness/states";

const { server, shootAll } = album();

test("plugins in need", async () => {
  const ids = await seedPlugins(server());
  const answers: [path: string, json: object][] = [
    ["**/api/plugins/figures", ledger],
    ["**/api/plugins/*/metrics", metrics(ids.slugs)],
    ["**/api/plugins/*/breaker", breakers],
    ["**/api/outbox?*", outboxRows],
    ["**/api/outbox/*", outboxRows.items[0] ?? {}],
  ];
  await shootAll(async (page, shoot) => {
    for (const [path, json] of answers) await page.route(path, (route) => route.fulfill({ json }));
    await signIn(page, "/_/plugins?tab=figures");
    await page.getByText("Plugins have burnt more than there is").waitFor();
    await shoot("state-figures", { still: true, whole: true });
    await page.goto(`/_/plugins/${ids.slugs}?tab=metrics`);
    await page.getByRole("button", { name: "Call it again now" }).first().waitFor();
    await page.getByRole("heading", { name: "Before create" }).waitFor();
    await shoot("state-plugin-figures", { still: true, whole: true });
    await page.goto("/_/plugins?tab=outbox");
    await page.getByRole("link", { name: "Updated · invoices" }).waitFor();
    await shoot("state-outbox", { still: true, whole: true });
    await page.getByRole("link", { name: "Updated · invoices" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("state-outbox-event", { still: true });
  });
});

test("a server in use", async () => {
  await shootAll(async (page, shoot) => {
    await page.route("**/api/realtime/clients?*", (route) => route.fulfill({ json: realtimeClients }));
    await page.route("**/api/backups", (route) => route.fulfill({ json: backupList }));
    await signIn(page, "/_/realtime?tab=clients");
    await page.getByText("203.0.113.7").waitFor();
    await shoot("state-clients", { still: true });
    await page.goto("/_/settings?tab=backups");
    await page.getByText("before-the-move-to-another-provider.zip").waitFor();
    await shoot("state-backups", { whole: true });
    await page.goto("/_/settings");
    await page.getByLabel("Fuel of a call").waitFor();
    await shoot("settings-whole", { whole: true });
    await page.goto("/_/collections/posts/records");
    await page.getByText("What an index costs").first().waitFor();
    await page
      .getByRole("checkbox", { name: /^Select [a-z0-9]{15}$/ })
      .first()
      .click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await shoot("records-undo", { still: true });
    await page.getByRole("button", { name: "Undo" }).click();
  });
});
