import { useQuery } from "@tanstack/react-query";
import { type ActivityEntry, activityEntryQuery } from "@/api/logs";
import { actionLabel, actorOf, changedByHooks, kindLabel } from "@/components/activity-words";
import { ChangedValues } from "@/components/changed-values";
import { Code } from "@/components/code";
import { Moment } from "@/components/moment";
import { QueryView } from "@/components/query-view";
import { recordChanges } from "@/components/record-diff";
import { t } from "@/i18n";
import { Sheet, SheetContent } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";

/** One change: by whom, from where, and what it made of what. */
export function ActivitySheet({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const query = useQuery({ ...activityEntryQuery(id ?? ""), enabled: id !== undefined });
  return (
    <Sheet open={id !== undefined} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={t("activity.one")}
        description={id && <Code>{id}</Code>}
        closeLabel={t("action.close")}
      >
        <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
          <QueryView query={query} label={t("activity.one")} skeleton={<Skeleton className="h-40 w-full" />}>
            {(entry) => <Details entry={entry} />}
          </QueryView>
        </div>
      </SheetContent>
    </Sheet>
  );
}

function Details({ entry }: { entry: ActivityEntry }) {
  const { created, action, kind, name, subject, plugin, ip, requestId, before, after } = entry;
  const lines = [
    [t("activity.what"), `${kindLabel(kind)} ${name}`],
    [t("activity.subject"), subject],
    [t("activity.action"), actionLabel(action)],
    [t("requests.who"), actorOf(entry)],
    [t("activity.through"), plugin],
    [t("activity.hooks"), changedByHooks(entry)],
    [t("requests.ip"), ip],
    [t("requests.requestId"), requestId],
  ];
  return (
    <div className="grid gap-5">
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
        {lines.map(
          ([label, value]) =>
            value && (
              <div key={label} className="contents">
                <dt className="text-ink-soft">{label}</dt>
                <dd className="[overflow-wrap:anywhere]">{value}</dd>
              </div>
            ),
        )}
        <dt className="text-ink-soft">{t("requests.when")}</dt>
        <dd>
          <Moment value={created} />
          <span className="ml-2 text-ink-soft tabular-nums">{created}</span>
        </dd>
      </dl>
      <section aria-label={t("activity.changes")} className="grid gap-2">
        <h3 className="font-medium text-sm">{t("activity.changes")}</h3>
        <ChangedValues changes={recordChanges(known(before), known(after))} />
      </section>
    </div>
  );
}

function known(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
