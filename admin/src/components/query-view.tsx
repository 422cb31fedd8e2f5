/** The states of a data view, so that each screen has all of them: first load, refresh, empty, no match, error. */
import type { LucideIcon } from "lucide-react";
import { CloudOff, RotateCw, SearchX, ServerCrash } from "lucide-react";
import type { ReactNode } from "react";
import { toApiError } from "@/api/errors";
import { CopyButton } from "@/components/copy-button";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";

export interface QueryLike<T> {
  data: T | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
}

interface QueryViewProps<T> {
  query: QueryLike<T>;
  /** What is loaded, for screen readers: `Collections`. */
  label: string;
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows what there is. Rows that were loaded once stay while newer ones come, and also when those fail to come. */
export function QueryView<T>({ query, label, skeleton, children }: QueryViewProps<T>) {
  const { data, error, isFetching } = query;
  if (data === undefined) {
    if (error && !isFetching) return <ErrorState error={error} onRetry={query.refetch} />;
    return (
      <div role="status" aria-label={t("app.loadingOf", { what: label })}>
        {skeleton}
      </div>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3" aria-busy={isFetching}>
      {error && !isFetching && (
        <Alert tone="warning" title={t("error.refresh")} actions={<RetryButton onRetry={query.refetch} />}>
          {describeError(error).title}
        </Alert>
      )}
      <div className="relative">
        {isFetching && <RefreshHint label={label} />}
        {children(data)}
      </div>
    </div>
  );
}

/** A thin line that runs along the top edge of what is being refreshed. */
function RefreshHint({ label }: { label: string }) {
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-3 -top-px z-10 h-0.5 animate-late overflow-hidden rounded-full"
    >
      <span className="block h-full w-2/5 animate-sweep rounded-full bg-accent" />
      <span className="sr-only">{t("app.refreshingOf", { what: label })}</span>
    </div>
  );
}

function RetryButton({ onRetry }: { onRetry: () => unknown }) {
  return (
    <Button size="sm" onClick={() => void onRetry()}>
      <RotateCw aria-hidden />
      {t("action.retry")}
    </Button>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry: () => unknown;
  heading?: "h1" | "h2";
}

export function ErrorState({ error: thrown, onRetry, heading }: ErrorStateProps) {
  const error = toApiError(thrown);
  const { title, text } = describeError(error);
  return (
    <div role="alert">
      <Notice
        icon={error.kind === "network" ? CloudOff : ServerCrash}
        tone="danger"
        heading={heading}
        title={title}
        actions={<RetryButton onRetry={onRetry} />}
        footer={error.requestId && <RequestId id={error.requestId} />}
      >
        {text}
      </Notice>
    </div>
  );
}

export function RequestId({ id }: { id: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 text-ink-soft text-xs">
      <span className="truncate font-mono">{t("error.requestId", { id })}</span>
      <CopyButton value={id} what={t("error.requestIdName")} />
    </span>
  );
}

/** After a search that found nothing: says what was searched, and takes it back. */
export function NoMatches({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <Notice
      icon={SearchX}
      title={text ? t("search.none", { text }) : t("search.noneFiltered")}
      actions={
        <Button size="sm" onClick={onClear}>
          {text ? t("action.clearSearch") : t("action.clearFilters")}
        </Button>
      }
    >
      {t("search.noneHint")}
    </Notice>
  );
}

/** In the place of a list whose filter the server could not read: what is wrong with it, and a way back. */
export function BadFilter({ message, onClear }: { message: string; onClear: () => void }) {
  return (
    <Notice
      icon={SearchX}
      title={t("records.badFilter")}
      actions={
        <Button size="sm" onClick={onClear}>
          {t("action.clearFilters")}
        </Button>
      }
    >
      <span className="whitespace-pre-wrap font-mono text-xs">{message}</span>
    </Notice>
  );
}

/** In the place of a collection that there is not. */
export function MissingCollection({ name }: { name: string }) {
  return (
    <Notice icon={SearchX} title={t("collection.missing.title", { name })}>
      {t("collection.missing.text")}
    </Notice>
  );
}

interface NoticeProps {
  icon: LucideIcon;
  tone?: "neutral" | "danger";
  title: string;
  children: ReactNode;
  actions?: ReactNode;
  footer?: ReactNode;
  /** `h1` where the message is the whole page. */
  heading?: "h1" | "h2";
  className?: string;
}

/** A message in the place where content would be. */
export function Notice({
  icon: Icon,
  tone = "neutral",
  title,
  children,
  actions,
  footer,
  heading: Heading = "h2",
  className,
}: NoticeProps) {
  return (
    <Card
      className={cn(
        "grid grid-cols-[minmax(0,1fr)] justify-items-center gap-4 px-5 py-12 text-center",
        className,
      )}
    >
      <span
        className={cn(
          "grid size-11 place-items-center rounded-xl",
          tone === "danger" ? "bg-danger-soft text-danger" : "bg-hover text-ink-soft",
        )}
      >
        <Icon aria-hidden className="size-5" strokeWidth={1.75} />
      </span>
      <div className="grid max-w-md grid-cols-[minmax(0,1fr)] justify-items-center gap-1">
        <Heading className="break-words font-semibold text-[0.9375rem] tracking-tight [overflow-wrap:anywhere]">
          {title}
        </Heading>
        <div className="text-ink-soft text-sm">{children}</div>
      </div>
      {actions && <div className="flex max-w-full flex-wrap justify-center gap-2">{actions}</div>}
      {footer}
    </Card>
  );
}
