import { useQuery } from "@tanstack/react-query";
import { Filter } from "lucide-react";
import { type LogRow, logQuery } from "@/api/logs";
import { Code } from "@/components/code";
import { CopyButton } from "@/components/copy-button";
import { Moment } from "@/components/moment";
import { quoted } from "@/components/presentation";
import { QueryView } from "@/components/query-view";
import { formatMilliseconds } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Sheet, SheetContent } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";

interface LogSheetProps {
  id: string | undefined;
  onClose: () => void;
  /** Narrows the list to what has the same in common. */
  onFilter: (filter: string) => void;
}

/** What is known of a request, in the order of what is asked for most. */
const known: { key: string; label: PlainKey; filter?: boolean }[] = [
  { key: "method", label: "requests.method" },
  { key: "url", label: "requests.url", filter: true },
  { key: "status", label: "requests.status", filter: true },
  { key: "execTime", label: "requests.took" },
  { key: "auth", label: "requests.auth", filter: true },
  { key: "authId", label: "requests.authId", filter: true },
  { key: "userIP", label: "requests.ip", filter: true },
  { key: "remoteIP", label: "requests.remoteIp" },
  { key: "userAgent", label: "requests.userAgent" },
  { key: "referer", label: "requests.referer" },
  { key: "requestId", label: "requests.requestId", filter: true },
];

/** One request: everything that the log has of it. */
export function LogSheet({ id, onClose, onFilter }: LogSheetProps) {
  const query = useQuery({ ...logQuery(id ?? ""), enabled: id !== undefined });
  return (
    <Sheet open={id !== undefined} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={t("requests.one")}
        description={id && <Code>{id}</Code>}
        closeLabel={t("action.close")}
      >
        <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
          <QueryView query={query} label={t("requests.one")} skeleton={<Skeleton className="h-40 w-full" />}>
            {(log) => <Details log={log} onFilter={onFilter} />}
          </QueryView>
        </div>
      </SheetContent>
    </Sheet>
  );
}

function Details({ log: { created, data }, onFilter }: { log: LogRow; onFilter: (filter: string) => void }) {
  const { error, details } = data;
  const others = Object.keys(data).filter(
    (key) => !["error", "details", "type"].includes(key) && known.every((each) => each.key !== key),
  );
  const lines = [...known, ...others.map((key) => ({ key, label: undefined, filter: false }))];
  return (
    <div className="grid gap-5">
      {typeof error === "string" && error !== "" && (
        <Alert tone="warning" title={error}>
          {details !== undefined && details !== "" && (
            <p className="[overflow-wrap:anywhere]">
              {typeof details === "string" ? details : JSON.stringify(details)}
            </p>
          )}
        </Alert>
      )}
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        <dt className="py-1 text-ink-soft">{t("requests.when")}</dt>
        <dd className="py-1">
          <Moment value={created} />
          <span className="ml-2 text-ink-soft tabular-nums">{created}</span>
        </dd>
        {lines.map(({ key, label, filter }) => {
          const value = data[key];
          if (value === undefined || value === null || value === "") return null;
          const text = typeof value === "string" ? value : JSON.stringify(value);
          const name = label ? t(label) : key;
          return (
            <div key={key} className="contents">
              <dt className="py-1 text-ink-soft">{name}</dt>
              <dd className="flex min-w-0 items-start gap-1">
                <span className="min-w-0 flex-1 py-1 font-mono text-[0.8125rem] leading-5 [overflow-wrap:anywhere]">
                  {key === "execTime" ? formatMilliseconds(Number(value)) : text}
                </span>
                {filter && (
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    aria-label={t("requests.same", { what: name })}
                    title={t("requests.same", { what: name })}
                    onClick={() =>
                      onFilter(`data.${key} = ${typeof value === "number" ? value : quoted(text)}`)
                    }
                  >
                    <Filter aria-hidden />
                  </Button>
                )}
                {(key === "url" || key === "requestId") && <CopyButton value={text} what={name} />}
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}
