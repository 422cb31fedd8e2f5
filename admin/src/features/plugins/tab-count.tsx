import { useQuery } from "@tanstack/react-query";
import { schedulesQuery } from "@/api/plugin-moments";
import { attachmentsQuery, versionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Badge } from "@/ui/badge";

interface TabCountProps {
  plugin: Plugin;
  of: "attachments" | "schedules" | "versions";
}

/** How many there are behind a tab; nothing while that is not known, and where it is no news. */
export function TabCount({ plugin, of }: TabCountProps) {
  const queries = {
    attachments: useQuery({ ...attachmentsQuery(plugin.id), enabled: of === "attachments" }),
    schedules: useQuery({ ...schedulesQuery(plugin.id), enabled: of === "schedules" }),
    versions: useQuery({ ...versionsQuery(plugin.id), enabled: of === "versions" }),
  };
  const count = queries[of].data?.length ?? 0;
  // Each plugin has a version.
  const least = of === "versions" ? 2 : 1;
  return count >= least ? <Badge className="tabular-nums">{count}</Badge> : null;
}
