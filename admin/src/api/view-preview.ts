/** What a view would be, without making it. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** Its `sample` is the first of its rows. */
export type ViewPreview = Schemas["ViewPreview"];

export const viewPreviewQuery = (query: string) =>
  queryOptions({
    queryKey: ["view-preview", query],
    queryFn: ({ signal }) => api.post("/api/collections/meta/dry-run-view", { body: { query }, signal }),
    enabled: query.trim() !== "",
    // What is wrong with a query stays wrong.
    retry: false,
    staleTime: 10_000,
  });
