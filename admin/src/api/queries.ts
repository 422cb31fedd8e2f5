/**
 * What is read from the server, one `queryOptions` per noun, used by route loaders and components alike, and what is
 * written to it. A write invalidates its noun: `queryClient.invalidateQueries({ queryKey: keys.plugins })`.
 */
import { queryOptions } from "@tanstack/react-query";
import { api, type UploadOptions, upload } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { fetchSession } from "@/api/session";
import type { Attachment, AttachmentDraft, Collection, Grants, Page, Plugin } from "@/api/types";

export const keys = {
  session: ["session"],
  collections: ["collections"],
  plugins: ["plugins"],
  records: ["records"],
  settings: ["settings"],
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
    queryFn: ({ signal }) =>
      fetchAll((page) => api.get("/api/collections", { query: { ...page, sort: "name" }, signal })),
  });

export const pluginsQuery = () =>
  queryOptions({
    queryKey: keys.plugins,
    queryFn: ({ signal }) =>
      fetchAll((page) => api.get("/api/plugins", { query: { ...page, sort: "-created" }, signal })),
  });

export const attachmentsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "attachments"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/plugins/{id}/attachments", { path: { id }, signal })).items,
  });

export function uploadPlugin(file: File, options: UploadOptions): Promise<Plugin> {
  const form = new FormData();
  form.set("file", file);
  return upload("/api/plugins", form, options);
}

export function attachPlugin(id: string, body: AttachmentDraft): Promise<Attachment> {
  return api.post("/api/plugins/{id}/attachments", { path: { id }, body });
}

export function detachPlugin(id: string, attachment: string): Promise<void> {
  return api.delete("/api/plugins/{id}/attachments/{attachment}", { path: { id, attachment } });
}

export function updateAttachment(
  id: string,
  attachment: string,
  body: Schemas["AttachmentInput"],
): Promise<Attachment> {
  return api.patch("/api/plugins/{id}/attachments/{attachment}", { path: { id, attachment }, body });
}

export function setPluginEnabled(id: string, enabled: boolean): Promise<Plugin> {
  return api.patch("/api/plugins/{id}", { path: { id }, body: { enabled } });
}

export function deletePlugin(id: string): Promise<void> {
  return api.delete("/api/plugins/{id}", { path: { id } });
}

/** Newest first; each as the plugin would be with it. */
export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "versions"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/plugins/{id}/versions", { path: { id }, signal })).items,
  });

/** With `force` also when it does not accept what is configured. */
export function activateVersion(id: string, version: string, force = false): Promise<Plugin> {
  return api.post("/api/plugins/{id}/activate", { path: { id }, body: { version, ...(force && { force }) } });
}

export const grantsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "grants"],
    queryFn: ({ signal }): Promise<Grants> => api.get("/api/plugins/{id}/grants", { path: { id }, signal }),
  });

export function setGrants(id: string, grants: Grants): Promise<Grants> {
  return api.put("/api/plugins/{id}/grants", { path: { id }, body: grants });
}

/** Newest first, as the server keeps them. */
export const pluginLogsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "logs"],
    queryFn: async ({ signal }) => (await api.get("/api/plugins/{id}/logs", { path: { id }, signal })).items,
  });

export async function createCollection(body: Partial<Collection>): Promise<Collection> {
  return (await api.post("/api/collections", { body })) as Collection;
}

export function truncateCollection(name: string): Promise<void> {
  return api.delete("/api/collections/{collection}/truncate", { path: { collection: name } });
}

export async function importCollections(collections: unknown[], deleteMissing: boolean): Promise<void> {
  await api.put("/api/collections/import", { body: { collections, deleteMissing } });
}

/**
 * Every item of a list that is short by nature (collections, plugins), so that search and pickers work on
 * all of it. Records are not read this way.
 */
async function fetchAll<T>(
  fetch: (page: { page: number; perPage: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page += 1) {
    const reply = await fetch({ page, perPage: 200 });
    items.push(...reply.items);
    if (!(page < reply.totalPages)) return items;
  }
}
