/** Who is connected to realtime, and saying something on a topic of one's own. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** `topics` are the first of them. */
export type RealtimeClient = Schemas["RealtimeClient"];

/** More on one page would be too many to look at. */
const shownMax = 100;

export const realtimeClientsQuery = () =>
  queryOptions({
    queryKey: ["realtime-clients"],
    queryFn: ({ signal }) => api.get("/api/realtime/clients", { query: { perPage: shownMax }, signal }),
  });

export function publish(topic: string, data: unknown): Promise<void> {
  return api.post("/api/realtime/publish", { body: { topic, data } });
}
