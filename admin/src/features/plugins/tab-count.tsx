import { useQuery } from "@tanstack/react-query";
import { attachmentsQuery, versionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Badge } from "@/ui/badge";

/** How many there are behind a tab; nothing while that is not known, and for one or none. */
export function TabCount({ plugin, of }: { plugin: Plugin; of: "attachments" | "versions" }) {
  const attachments = useQuery({ ...attachmentsQuery(plugin.id), enabled: of === "attachments" });
  const versions = useQuery({ ...versionsQuery(plugin.id), enabled: of === "versions" });
  const count = (of === "attachments" ? attachments : versions).data?.length ?? 0;
  const least = of === "attachments" ? 1 : 2;
  return count >= least ? <Badge className="tabular-nums">{count}</Badge> : null;
}
