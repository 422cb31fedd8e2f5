import { seedRecords, signedInApi } from "./seed";
import type { Server } from "./server";

/** A view of the invoices. */
export async function seedView(server: Server): Promise<void> {
  const api = await signedInApi(server);
  await api.post("/api/collections", {
    name: "totals",
    type: "view",
    viewQuery: "SELECT id, number FROM invoices ORDER BY number",
  });
}

export async function seedRecordsAndView(server: Server): Promise<void> {
  await seedRecords(server);
  await seedView(server);
}
