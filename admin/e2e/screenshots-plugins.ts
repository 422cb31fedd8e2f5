/** Pictures of the plugins: coming in, being inspected, at work. */
import { test } from "vitest";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";
import { seedPlugins } from "./harness/seed";
import { pluginFile } from "./harness/server";

const { server, shootAll } = album();

test("coming in", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/plugins");
    const input = page.getByLabel("Plugin file");
    await page.getByText("It is inspected before any hook runs.").waitFor();
    await input.setInputFiles({
      name: "notes.wasm",
      mimeType: "application/wasm",
      buffer: Buffer.from("plain text"),
    });
    await page.getByRole("alert").waitFor();
    await shoot("plugins-refused");
    await page.route("**/api/plugins", (route) =>
      route.request().method() === "POST" ? undefined : route.continue(),
    );
    await input.setInputFiles(pluginFile());
    await page.getByRole("progressbar").waitFor();
    await shoot("plugins-uploading", { still: true });
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.unrouteAll();
    await input.setInputFiles(pluginFile());
    await page.getByRole("heading", { name: "Inspection" }).waitFor();
    await shoot("plugin-uploaded");
    await page.getByText("imported interfaces").click();
    await page.getByText("imported interfaces").scrollIntoViewIfNeeded();
    await shoot("plugin-world");
    await page.getByRole("link", { name: "Attach it to a collection" }).click();
    await page.getByRole("button", { name: "Attach to a collection" }).click();
    await shoot("plugin-attach");
    await page.getByRole("button", { name: "Attach", exact: true }).click();
    await page.getByText("Choose a collection.").waitFor();
    await page.getByRole("combobox", { name: "Collection" }).click();
    await page.getByPlaceholder("Search collections").waitFor();
    await shoot("plugin-attach-choose");
    await page.getByRole("option", { name: "posts" }).click();
    await page.getByRole("button", { name: "Attach", exact: true }).click();
    await page.getByRole("link", { name: "posts" }).waitFor();
    await shoot("plugin-attached");
    await page.getByRole("button", { name: "Settings on posts" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("plugin-attachment");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Remove from posts" }).click();
    await page.getByRole("alertdialog").waitFor();
    await shoot("plugin-remove");
    // The next look finds the plugin as this one did.
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("heading", { name: "Not attached anywhere" }).waitFor();
  });
});

test("at work", async () => {
  const ids = await seedPlugins(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/plugins");
    await page
      .getByRole("table")
      .or(page.getByRole("list", { name: "Installed plugins" }))
      .waitFor();
    await shoot("plugins");
    await page.goto("/_/plugins?tab=order&collection=posts");
    await page.getByRole("list", { name: "Plugins in their order" }).waitFor();
    await shoot("plugins-order");
    await page.goto(`/_/plugins/${ids.audit}`);
    await page.getByRole("heading", { name: "Inspection" }).waitFor();
    await shoot("plugin-consent");
    await page.goto(`/_/plugins/${ids.audit}?tab=grants`);
    await page.getByRole("list", { name: "Grants" }).waitFor();
    await shoot("plugin-grants");
    await page.goto(`/_/plugins/${ids.slugs}?tab=versions`);
    await page.getByRole("button", { name: "Roll back" }).first().click();
    await page.getByRole("dialog").waitFor();
    await shoot("plugin-rollback");
    await page.keyboard.press("Escape");
    await shoot("plugin-versions");
    await page.getByRole("tab", { name: "Runs on" }).click();
    await page.getByRole("button", { name: "Attach to a collection" }).click();
    await page.getByRole("combobox", { name: "Collection" }).click();
    await page.getByRole("option", { name: "posts" }).click();
    await page.getByRole("list", { name: "Order on posts" }).scrollIntoViewIfNeeded();
    await shoot("plugin-attach-place");
    await page.goto(`/_/plugins/${ids.slugs}?tab=test&hook=beforeUpdate&collection=posts`);
    await page.getByRole("button", { name: "Run the hook" }).click();
    await page.getByText("What it used").waitFor();
    await shoot("plugin-test");
    await page.getByRole("tab", { name: "Figures" }).click();
    await page.getByRole("list", { name: "Breaker" }).waitFor();
    await shoot("plugin-figures", { still: true });
    await page.goto(`/_/plugins/${ids.audit}?tab=metrics`);
    await page.getByRole("heading", { name: "After create" }).waitFor();
    await shoot("plugin-figures-after", { still: true });
    await page.goto("/_/plugins?tab=figures");
    await page.getByRole("heading", { name: "Figures of all plugins" }).waitFor();
    await shoot("plugins-figures", { still: true });
    await page.goto("/_/plugins?tab=outbox");
    await page.getByRole("heading", { name: "Outbox" }).waitFor();
    await shoot("plugins-outbox", { still: true });
    await page.goto("/_/settings?tab=backups");
    await page.getByRole("heading", { name: "Backups", exact: true }).waitFor();
    await shoot("backups");
    await page.goto("/_/settings");
    await page.getByLabel("Addresses and networks").scrollIntoViewIfNeeded();
    await shoot("settings-network");
    await page.goto("/_/realtime?tab=clients");
    await page.getByRole("heading", { name: "Clients" }).waitFor();
    await shoot("realtime-clients", { still: true });
    await page.goto("/_/");
    await page.getByRole("list", { name: "How the server is" }).waitFor();
    await shoot("home-health", { still: true });
    await page.goto(`/_/plugins/${ids.audit}?tab=log`);
    await page.getByRole("heading", { name: "Log", exact: true }).waitFor();
    await shoot("plugin-log");
    await page
      .getByRole("button", { name: /^Account of/ })
      .locator("visible=true")
      .click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    await shoot("user-menu");
  });
});
