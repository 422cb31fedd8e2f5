/** What a view would be, without making it. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Field } from "@/api/types";

export interface ViewPreview {
  fields: Field[];
  /** The first of its rows. */
  sample: Record<string, unknown>[];
}

export const viewPreviewQuery = (query: string) =>
  queryOptions({
    queryKey: ["view-preview", query],
    queryFn: ({ signal }) =>
      api.post<ViewPreview>("/api/collections/meta/dry-run-view", { body: { query }, signal }),
    enabled: query.trim() !== "",
    // What is wrong with a query stays wrong.
    retry: false,
    staleTime: 10_000,
  });
