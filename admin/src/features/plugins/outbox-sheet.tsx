import { useQuery } from "@tanstack/react-query";
import { type OutboxRow, outboxRowQuery } from "@/api/plugin-watch";
import { ChangedValues } from "@/components/changed-values";
import { Moment } from "@/components/moment";
import { QueryView } from "@/components/query-view";
import { recordChanges } from "@/components/record-diff";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Sheet, SheetContent } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";

/** One event: what the hook will be told of, and why it has not taken it. */
export function OutboxSheet({ id, onClose }: { id: string | null; onClose: () => void }) {
  return (
    <Sheet open={id !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent title={t("outbox.event")} description={id} closeLabel={t("action.close")}>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5 sm:px-6">{id && <Event id={id} />}</div>
      </SheetContent>
    </Sheet>
  );
}

function Event({ id }: { id: string }) {
  const row = useQuery(outboxRowQuery(id));
  return (
    <QueryView query={row} label={t("outbox.event")} skeleton={<Skeleton className="h-40 w-full" />}>
      {(shown) => <EventDetails row={shown} />}
    </QueryView>
  );
}

function EventDetails({ row }: { row: OutboxRow }) {
  const { pluginName, gone, collection, record, action, attempts, created, error, event = {} } = row;
  const facts = [
    [t("plugins.column.name"), gone ? t("outbox.gone") : pluginName],
    [t("attach.collection"), collection],
    [t("outbox.record"), record],
    [t("outbox.action"), action],
    [t("outbox.tries"), String(attempts)],
  ] as const;
  const part = (key: string) => (event[key] ?? null) as Record<string, unknown> | null;
  return (
    <div className="grid gap-5">
      {error && (
        <Alert tone="warning" title={t("outbox.error")}>
          <span className="[overflow-wrap:anywhere]">{error}</span>
        </Alert>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
        <dt className="text-ink-soft">{t("requests.when")}</dt>
        <dd>
          <Moment value={created} />
        </dd>
      </dl>
      <section className="grid gap-2">
        <h3 className="font-medium text-sm">{t("outbox.told")}</h3>
        <ChangedValues changes={recordChanges(part("before"), part("after"))} />
      </section>
    </div>
  );
}
