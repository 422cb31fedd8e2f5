/** The settings: read and changed as a whole, and tried out. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { Settings } from "@/api/types";

/** With the tag of their version, to change them only if nobody else has. */
export interface TaggedSettings {
  settings: Settings;
  etag: string | null;
}

async function tagged(send: (onTag: (tag: string | null) => void) => Promise<unknown>) {
  let etag: string | null = null;
  const settings = await send((tag) => {
    etag = tag;
  });
  return { settings: settings as Settings, etag };
}

export const settingsQuery = () =>
  queryOptions({
    queryKey: keys.settings,
    queryFn: ({ signal }): Promise<TaggedSettings> =>
      tagged((onTag) => api.get("/api/settings", { query: { sources: 1 }, signal, onTag })),
  });

export function updateSettings(
  body: Record<string, unknown>,
  ifMatch: string | null,
): Promise<TaggedSettings> {
  return tagged((onTag) => api.patch("/api/settings", { query: { sources: 1 }, body, ifMatch, onTag }));
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
