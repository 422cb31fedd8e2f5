/** Who is connected to realtime, and saying something on a topic of one's own. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Page } from "@/api/types";

export interface RealtimeClient {
  id: string;
  transport: "sse" | "websocket";
  ip: string;
  connected: string;
  auth: { kind: string; id: string; collectionName: string };
  /** The first of them. */
  topics: string[];
  topicCount: number;
  waitingMessages: number;
  waitingBytes: number;
}

/** More on one page would be too many to look at. */
const shownMax = 100;

export const realtimeClientsQuery = () =>
  queryOptions({
    queryKey: ["realtime-clients"],
    queryFn: ({ signal }) =>
      api.get<Page<RealtimeClient>>("/api/realtime/clients", { query: { perPage: shownMax }, signal }),
  });

export function publish(topic: string, data: unknown): Promise<void> {
  return api.post("/api/realtime/publish", { body: { topic, data } });
}
