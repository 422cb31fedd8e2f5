/** The search parameters of the realtime viewer. */

export interface RealtimeSearch {
  /** Absent for the events. */
  tab?: "clients";
  search?: string;
  /** A topic to listen to from the beginning: `posts/*`. */
  topic?: string;
}

export function realtimeSearch({ tab, search, topic }: Record<string, unknown>): RealtimeSearch {
  return {
    ...(tab === "clients" && { tab }),
    ...(typeof search === "string" && search !== "" && { search }),
    ...(typeof topic === "string" && /^\w+\/(?:\*|\w+)$/.test(topic) && { topic }),
  };
}
