/**
 * What is read from the server, one `queryOptions` per noun, used by route loaders and components alike, and what is
 * written to it. A write invalidates its noun: `queryClient.invalidateQueries({ queryKey: keys.plugins })`.
 */
import { queryOptions } from "@tanstack/react-query";
import { api, type UploadOptions, upload } from "@/api/client";
import { fetchSession } from "@/api/session";
import type {
  Attachment,
  AttachmentDraft,
  Collection,
  Grants,
  Page,
  Plugin,
  PluginLogLine,
  Settings,
} from "@/api/types";

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

export function updateAttachment(
  pluginId: string,
  attachmentId: string,
  body: Partial<Attachment>,
): Promise<Attachment> {
  return api.patch(`${pluginPath(pluginId)}/attachments/${encodeURIComponent(attachmentId)}`, { body });
}

export function setPluginEnabled(pluginId: string, enabled: boolean): Promise<Plugin> {
  return api.patch(pluginPath(pluginId), { body: { enabled } });
}

export function deletePlugin(pluginId: string): Promise<void> {
  return api.delete(pluginPath(pluginId));
}

/** Newest first; each as the plugin would be with it. */
export const versionsQuery = (pluginId: string) =>
  queryOptions({
    queryKey: [...keys.plugins, pluginId, "versions"],
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: Plugin[] }>(`${pluginPath(pluginId)}/versions`, { signal });
      return items;
    },
  });

export function activateVersion(pluginId: string, version: string): Promise<Plugin> {
  return api.post(`${pluginPath(pluginId)}/activate`, { body: { version } });
}

export const grantsQuery = (pluginId: string) =>
  queryOptions({
    queryKey: [...keys.plugins, pluginId, "grants"],
    queryFn: ({ signal }) => api.get<Grants>(`${pluginPath(pluginId)}/grants`, { signal }),
  });

export function setGrants(pluginId: string, grants: Grants): Promise<Grants> {
  return api.put(`${pluginPath(pluginId)}/grants`, { body: grants });
}

/** Newest first, as the server keeps them. */
export const pluginLogsQuery = (pluginId: string) =>
  queryOptions({
    queryKey: [...keys.plugins, pluginId, "logs"],
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: PluginLogLine[] }>(`${pluginPath(pluginId)}/logs`, { signal });
      return items;
    },
  });

export const settingsQuery = () =>
  queryOptions({
    queryKey: keys.settings,
    queryFn: ({ signal }) => api.get<Settings>("/api/settings", { query: { sources: 1 }, signal }),
  });

export function updateSettings(body: Record<string, unknown>): Promise<Settings> {
  return api.patch("/api/settings", { body });
}

/** Writes, reads and deletes a file in the bucket of the settings. */
export function testStorage(filesystem: "storage" | "backups"): Promise<void> {
  return api.post("/api/settings/test/s3", { body: { filesystem } });
}

export const mailTemplates = [
  "verification",
  "password-reset",
  "email-change",
  "otp",
  "login-alert",
] as const;
export type MailTemplate = (typeof mailTemplates)[number];

/** Sends a mail with made-up contents, by the server of the settings. */
export function testMail(email: string, template: MailTemplate): Promise<void> {
  return api.post("/api/settings/test/email", { body: { email, template } });
}

const collectionPath = (name: string) => `/api/collections/${encodeURIComponent(name)}`;

export function createCollection(body: Partial<Collection>): Promise<Collection> {
  return api.post("/api/collections", { body });
}

export function updateCollection(name: string, body: Partial<Collection>): Promise<Collection> {
  return api.patch(collectionPath(name), { body });
}

export function deleteCollection(name: string): Promise<void> {
  return api.delete(collectionPath(name));
}

export function truncateCollection(name: string): Promise<void> {
  return api.delete(`${collectionPath(name)}/truncate`);
}

export function importCollections(collections: unknown[], deleteMissing: boolean): Promise<void> {
  return api.put("/api/collections/import", { body: { collections, deleteMissing } });
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
