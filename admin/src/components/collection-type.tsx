import type { LucideIcon } from "lucide-react";
import { ScanEye, Table2, UserRound } from "lucide-react";
import { type PlainKey, t } from "@/i18n";
import { Badge } from "@/ui/badge";

const types: Record<string, { label: PlainKey; icon: LucideIcon }> = {
  base: { label: "collection.type.base", icon: Table2 },
  auth: { label: "collection.type.auth", icon: UserRound },
  view: { label: "collection.type.view", icon: ScanEye },
};

export function CollectionIcon({ type, className }: { type: string; className?: string }) {
  const Icon = types[type]?.icon ?? Table2;
  return <Icon aria-hidden className={className} />;
}

export function CollectionTypeBadge({ type }: { type: string }) {
  const known = types[type];
  return <Badge tone="outline">{known ? t(known.label) : type}</Badge>;
}
