/** Pictures of the copy in a libSQL server: none, and in each of its states. */
import { test } from "vitest";
import { copyUrl, syncStates } from "../tests/sync-states";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";

const { shootAll } = album();

test("a copy in a libSQL server", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/settings?tab=sync");
    await page.getByText("There is no copy").waitFor();
    await page.getByLabel("Server address").fill("http://127.0.0.1:9");
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("It does not work", { exact: true }).waitFor();
    await shoot("sync-off", { still: true, whole: true });
    let status: object = {};
    await page.route("**/api/sync", (route) => route.fulfill({ json: status }));
    for (const [name, next] of Object.entries(syncStates)) {
      status = next;
      await page.goto("/_/settings?tab=sync");
      await page.getByText(copyUrl).first().waitFor();
      await shoot(`sync-${name}`, { still: true, whole: true });
    }
  });
});
