/** Ten thousand records on one page. */
import type { Page } from "playwright-core";
import { signIn } from "./browser";
import { seedCollections, signedInApi } from "./seed";
import type { Server } from "./server";

export const count = 10_000;
/** What fits, and what is drawn ahead of the way. */
export const drawnMax = 60;
export const name = "Records of invoices";

export async function seedManyRows(server: Server): Promise<void> {
  await seedCollections(server);
  const number = (index: number) => `N-${String(index + 1).padStart(5, "0")}`;
  const records = Array.from({ length: count }, (_, index) => ({
    number: number(index),
    total: index + 1,
  }));
  await (await signedInApi(server)).fill("invoices", records);
}

/** The table, when its first row is there. */
export async function openManyRows(page: Page) {
  await signIn(page, `/_/collections/invoices/records?perPage=${count}&sort=number`);
  const table = page.getByRole("grid", { name });
  await table.getByText("N-00001").first().waitFor();
  return table;
}

/** As many lines of the same height in a region of the same size, without a script: what the browser does by itself. */
export async function plainRows(page: Page) {
  const lines = Array.from(
    { length: count },
    (_, index) => `<tr data-row><td>N-${String(index + 1).padStart(5, "0")}</td><td>${index + 1}</td></tr>`,
  );
  await page.setContent(
    `<section style="height: 588px; overflow: auto"><table style="width: 100%; border-spacing: 0">
      <tbody>${lines.join("")}</tbody></table></section><style>td { height: 44px; padding: 0 12px; border-bottom: 1px solid }</style>`,
  );
  return page.locator("section");
}
