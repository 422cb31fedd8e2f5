/**
 * Every screen, once for each thing that can be seen of it. Tabs are taken from where the pages read them, so that a new one is
 * looked at without being written here.
 */
import { logTabs } from "../../src/features/logs/search";
import { pluginsTabs, pluginTabs } from "../../src/features/plugins/search";
import { settingsTabs } from "../../src/features/settings/search";

/** The addresses that need no session. */
export const outside = [
  "/_/login",
  "/_/setup",
  "/_/setup?token=x",
  "/_/confirm/verification?token=x",
  "/_/confirm/password-reset?token=x",
  "/_/confirm/email-change?token=x",
  "/_/confirm/nothing",
  "/_/auth/oauth2-redirect-success",
  "/_/auth/oauth2-redirect-failure",
];

/** Those that need one, over the data of `seedRecords`. */
export const inside = [
  "/_/",
  "/_/collections",
  "/_/collections?create=yes",
  "/_/collections?system=yes",
  "/_/collections?search=nothing-like-it",
  "/_/collections/posts",
  "/_/collections/posts?tab=rules",
  "/_/collections/posts?tab=indexes",
  "/_/collections/members?tab=options",
  "/_/collections/nothing",
  "/_/collections/posts/records",
  "/_/collections/posts/records?filter=nope+%3D+1",
  "/_/collections/posts/records?record=new",
  "/_/collections/members/records?record=new",
  "/_/collections/invoices/records?perPage=200",
  "/_/collections/comments/records",
  "/_/realtime",
  "/_/realtime?tab=clients",
  ...logTabs.map((tab) => `/_/logs?tab=${tab}`),
  "/_/logs?filter=nope+%3D+1",
  "/_/sql",
  ...settingsTabs.map((tab) => `/_/settings?tab=${tab}`),
  ...pluginsTabs.map((tab) => `/_/plugins?tab=${tab}`),
  "/_/plugins/nothing",
  "/_/no/such/page",
];

/** The pages of one plugin. */
export const ofPlugin = (id: string) => pluginTabs.map((tab) => `/_/plugins/${id}?tab=${tab}`);
