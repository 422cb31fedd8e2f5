import { useEffect } from "react";
import { type UseFormReturn, useWatch } from "react-hook-form";
import type { AttachmentDraft, Plugin } from "@/api/types";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { lastOrder } from "./order";
import { usePlacements } from "./use-placements";

/** Where in the order of a collection the plugin would run; until somebody chooses, that is after all others. */
export function AttachPlace({ plugin, form }: { plugin: Plugin; form: UseFormReturn<AttachmentDraft> }) {
  const [collection, order] = useWatch({ control: form.control, name: ["collection", "order"] });
  const placements = usePlacements();
  const there = placements.data?.filter(({ attachment }) => attachment.collection === collection);
  const last = there && lastOrder(there);
  const { isDirty: chosen } = form.getFieldState("order", form.formState);

  useEffect(() => {
    // Set without marking it, so that another collection proposes anew.
    if (!chosen && last !== undefined) form.resetField("order", { defaultValue: last });
  }, [chosen, last, form]);

  if (!collection || !there) return null;
  if (there.length === 0) return <p className="text-ink-soft text-xs">{t("attach.placeFirst")}</p>;
  // Of equal numbers the older runs first, and nothing is newer than what is not attached yet.
  const at = there.filter(({ attachment }) => attachment.order <= order).length;
  const rows = there.map(({ plugin: { name }, attachment }) => ({
    key: attachment.id,
    name,
    order: attachment.order,
    own: false,
  }));
  rows.splice(at, 0, { key: "new", name: plugin.name, order, own: true });
  return (
    <ol
      aria-label={t("attach.place", { collection })}
      className="divide-y divide-line overflow-hidden rounded-lg border border-line"
    >
      {rows.map((row, index) => (
        <li
          key={row.key}
          className={cn("flex min-h-8 items-center gap-3 px-3 py-1 text-sm", row.own && "bg-accent-soft")}
        >
          <span className="w-4 text-right text-ink-soft text-xs tabular-nums">{index + 1}</span>
          <span className="min-w-0 flex-1 truncate">{row.name}</span>
          {row.own && <Badge tone="accent">{t("attach.placeThis")}</Badge>}
          <span className="text-ink-soft text-xs tabular-nums">
            {Number.isFinite(row.order) ? row.order : ""}
          </span>
        </li>
      ))}
    </ol>
  );
}
