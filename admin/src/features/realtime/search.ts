/** The search parameters of the realtime viewer. */

export interface RealtimeSearch {
  search?: string;
  /** A topic to listen to from the beginning: `posts/*`. */
  topic?: string;
}

export function realtimeSearch({ search, topic }: Record<string, unknown>): RealtimeSearch {
  return {
    ...(typeof search === "string" && search !== "" && { search }),
    ...(typeof topic === "string" && /^\w+\/(?:\*|\w+)$/.test(topic) && { topic }),
  };
}
