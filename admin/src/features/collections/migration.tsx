import { useQuery } from "@tanstack/react-query";
import { type ChangePreview, changePreviewQuery, type Wish } from "@/api/definitions";
import { CopyBlock } from "@/components/copy-block";
import { type PlainKey, t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Folded } from "@/ui/folded";
import { Skeleton } from "@/ui/skeleton";
import { Complaints } from "./complaints";

/** What a change would do to the database, folded: the server tries it when somebody wants to see it. */
export function Migration({ wish }: { wish: Wish }) {
  return (
    <Folded title={t("migration.title")} late>
      <Tried wish={wish} />
    </Folded>
  );
}

function Tried({ wish }: { wish: Wish }) {
  const preview = useQuery(changePreviewQuery(wish));
  if (preview.isFetching) {
    return (
      <div
        role="status"
        aria-label={t("app.loadingOf", { what: t("migration.title") })}
        className="grid gap-2"
      >
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-24 w-full" />
      </div>
    );
  }
  if (!preview.data) return <Complaints error={preview.error} onRetry={() => void preview.refetch()} />;
  return <Told preview={preview.data} />;
}

function Told({ preview: { collections, statements } }: { preview: ChangePreview }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2.5">
      <ul aria-label={t("migration.collections")} className="grid gap-1.5">
        {collections.map(({ id, name, change, rows }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <Badge tone={looks[change].tone}>{t(looks[change].label)}</Badge>
            <code className="min-w-0 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{name}</code>
            {change !== "create" && (
              <span className="text-ink-soft text-xs tabular-nums">
                {rows === null ? t("migration.view") : t("migration.rows", { count: rows })}
              </span>
            )}
          </li>
        ))}
      </ul>
      {statements.length > 0 ? (
        <CopyBlock text={statements.map((sql) => `${sql};`).join("\n")} what={t("migration.what")} />
      ) : (
        <p className="text-ink-soft text-sm">{t("migration.none")}</p>
      )}
      <p className="text-ink-soft text-xs leading-5">{t("migration.text")}</p>
    </div>
  );
}

const looks: Record<
  ChangePreview["collections"][number]["change"],
  { label: PlainKey; tone: "success" | "accent" | "danger" }
> = {
  create: { label: "migration.create", tone: "success" },
  update: { label: "migration.update", tone: "accent" },
  delete: { label: "migration.delete", tone: "danger" },
};
