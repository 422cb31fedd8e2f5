/**
 * Changes of definitions that somebody has seen before: each is made only if what is stored is still what the change was
 * decided on, and can be tried first.
 */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { toApiError } from "@/api/errors";
import { collectionsQuery } from "@/api/queries";
import type { Collection } from "@/api/types";

const one = "/api/collections/{collection}";

/** Somebody else has changed the definition since it was looked at. What is known of it is up to date again by now. */
export class ChangedMeanwhile extends Error {}

export function updateCollection(
  queryClient: QueryClient,
  seen: Collection,
  body: Partial<Collection>,
): Promise<Collection> {
  const path = { collection: seen.id };
  return unlessChanged(
    queryClient,
    seen,
    async (ifMatch) => (await api.patch(one, { path, body, ifMatch })) as Collection,
  );
}

export function deleteCollection(queryClient: QueryClient, seen: Collection): Promise<void> {
  const path = { collection: seen.id };
  return unlessChanged(queryClient, seen, (ifMatch) => api.delete(one, { path, ifMatch }));
}

/** The tag is asked for here, since lists have none; nothing can come between it and the change. */
async function unlessChanged<T>(
  queryClient: QueryClient,
  seen: Collection,
  change: (ifMatch: string | null) => Promise<T>,
): Promise<T> {
  let etag: string | null = null;
  const onTag = (tag: string | null) => {
    // A proxy that packs answers makes the tag a weak one, which the server would not take for the same.
    etag = tag?.replace(/^W\//, "") ?? null;
  };
  const now = await api.get(one, { path: { collection: seen.id }, onTag });
  try {
    if (JSON.stringify(now) === JSON.stringify(seen)) return await change(etag);
  } catch (error) {
    if (toApiError(error).status !== 412) throw error;
  }
  await queryClient.fetchQuery({ ...collectionsQuery(), staleTime: 0 });
  throw new ChangedMeanwhile();
}

/** A change that is only tried. */
export type Wish =
  | { create: Partial<Collection> }
  | { collection: string; body: Partial<Collection> }
  | { collections: unknown[]; deleteMissing: boolean };

export type ChangePreview = Schemas["ChangePreview"];

/** What a change would do to the database. */
export const changePreviewQuery = (wish: Wish) =>
  queryOptions({
    queryKey: ["change-preview", wish],
    // Without a signal: what is tried already is not tried again because somebody looks away for a moment.
    queryFn: async () => {
      const query = { dryRun: 1 };
      if ("create" in wish) {
        return (await api.post("/api/collections", { body: wish.create, query })) as ChangePreview;
      }
      if ("collections" in wish) return api.put("/api/collections/import", { body: wish, query });
      const path = { collection: wish.collection };
      return (await api.patch(one, { path, body: wish.body, query })) as ChangePreview;
    },
    // What is refused stays refused, and what was told is of that moment.
    retry: false,
    staleTime: 0,
    gcTime: 1_000,
  });
