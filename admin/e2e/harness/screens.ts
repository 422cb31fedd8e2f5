/** One address for each screen, with state of its own, and what it asks the server for. */
import { ofPlugin } from "./addresses";

export const screens = (plugin: string): [string, RegExp][] => [
  ["/_/", /\/api\/system\/stats/],
  ["/_/collections?search=po", /\/api\/collections\?/],
  ["/_/collections/posts", /\/api\/collections\?/],
  ["/_/collections/posts?tab=rules", /\/api\/collections\?/],
  ["/_/collections/posts?tab=indexes", /\/api\/collections\?/],
  ["/_/collections/members?tab=options", /\/api\/collections\?/],
  ["/_/collections/posts/records?perPage=25&sort=title", /\/api\/collections\/posts\/records/],
  ["/_/realtime?tab=clients", /\/api\/realtime\/clients/],
  ["/_/logs", /\/api\/logs/],
  ["/_/logs?tab=activity", /\/api\/activity/],
  ["/_/settings", /\/api\/settings/],
  ["/_/settings?tab=storage", /\/api\/settings/],
  ["/_/settings?tab=server", /\/api\/system\/info/],
  ["/_/settings?tab=keys", /\/api\/keys/],
  ["/_/settings?tab=limits", /\/api\/settings/],
  ["/_/settings?tab=jobs", /\/api\/crons/],
  ["/_/settings?tab=backups", /\/api\/backups/],
  ["/_/settings?tab=superusers", /\/api\/collections\/_superusers\/records/],
  ["/_/settings?tab=sessions", /\/api\/admin\/sessions/],
  ["/_/plugins", /\/api\/plugins/],
  ["/_/plugins?tab=order", /\/api\/plugins/],
  ["/_/plugins?tab=figures", /\/api\/plugins\/figures/],
  ["/_/plugins?tab=outbox", /\/api\/outbox/],
  ...ofPlugin(plugin).map((path): [string, RegExp] => [path, /\/api\/plugins/]),
];
