/** Suites over records and plugins, whose ids are known once the server stands. */
import { seedAllPlugins, seedPlugins, seedRecords } from "./seed";
import { seedRecordsAndView } from "./seed-view";
import { suite } from "./suite";

/** With the plugins that come with the server, at work on the posts, and a view. */
export function withPlugins() {
  let ids: Awaited<ReturnType<typeof seedPlugins>>;
  const begun = suite({
    prepare: async (server) => {
      await seedRecordsAndView(server);
      ids = await seedPlugins(server);
    },
  });
  return { ...begun, plugin: (name: keyof typeof ids) => ids[name] };
}

/** With a plugin of every kind that a screen shows in another way. */
export function withAllPlugins() {
  let ids: string[] = [];
  const begun = suite({
    prepare: async (server) => {
      await seedRecords(server);
      ids = await seedAllPlugins(server);
    },
  });
  return { ...begun, plugins: () => ids };
}
