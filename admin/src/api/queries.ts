/**
 * What is read from the server, one `queryOptions` per noun, used by route loaders and components alike, and what is
 * written to it. A write invalidates its noun: `queryClient.invalidateQueries({ queryKey: keys.plugins })`.
 */
import { queryOptions } from "@tanstack/react-query";
import { api, type UploadOptions, upload } from "@/api/client";
import { fetchSession } from "@/api/session";
import type { Attachment, AttachmentDraft, Collection, Page, Plugin } from "@/api/types";

export const keys = {
  session: ["session"],
  collections: ["collections"],
  plugins: ["plugins"],
} as const;

/** Asked again when the window gets the focus back, so that a sign-out in another tab is noticed. */
export const sessionQuery = () =>
  queryOptions({
    queryKey: keys.session,
    queryFn: ({ signal }) => fetchSession(signal),
    staleTime: 60_000,
  });

export const collectionsQuery = () =>
  queryOptions({
    queryKey: keys.collections,
    queryFn: ({ signal }) => fetchAll<Collection>("/api/collections", "name", signal),
  });

export const pluginsQuery = () =>
  queryOptions({
    queryKey: keys.plugins,
    queryFn: ({ signal }) => fetchAll<Plugin>("/api/plugins", "-created", signal),
  });

export const attachmentsQuery = (pluginId: string) =>
  queryOptions({
    queryKey: [...keys.plugins, pluginId, "attachments"],
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: Attachment[] }>(`${pluginPath(pluginId)}/attachments`, {
        signal,
      });
      return items;
    },
  });

export function uploadPlugin(file: File, options: UploadOptions): Promise<Plugin> {
  const form = new FormData();
  form.set("file", file);
  return upload<Plugin>("/api/plugins", form, options);
}

export function attachPlugin(pluginId: string, body: AttachmentDraft): Promise<Attachment> {
  return api.post<Attachment>(`${pluginPath(pluginId)}/attachments`, { body });
}

export function detachPlugin(pluginId: string, attachmentId: string): Promise<void> {
  return api.delete(`${pluginPath(pluginId)}/attachments/${encodeURIComponent(attachmentId)}`);
}

const pluginPath = (id: string) => `/api/plugins/${encodeURIComponent(id)}`;

/**
 * Every item of a list that is short by nature (collections, plugins), so that search and pickers work on
 * all of it. Records are not read this way.
 */
async function fetchAll<T>(path: string, sort: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page += 1) {
    const reply = await api.get<Page<T>>(path, { query: { page, perPage: 200, sort }, signal });
    items.push(...reply.items);
    if (!(page < reply.totalPages)) return items;
  }
}
