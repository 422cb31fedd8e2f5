import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Table2 } from "lucide-react";
import { toApiError } from "@/api/errors";
import { type ViewPreview as Preview, viewPreviewQuery } from "@/api/view-preview";
import { describeError } from "@/components/describe-error";
import { kindIcon, kindLabel } from "@/components/field-kinds";
import { Section } from "@/components/page";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";
import { TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/ui/table";
import { useSettled } from "./use-settled";

const settleMs = 500;

/** The fields and the first rows of a query as it is typed. */
export function ViewPreview({ query }: { query: string }) {
  const settled = useSettled(query, settleMs);
  const preview = useQuery({ ...viewPreviewQuery(settled), placeholderData: keepPreviousData });
  const late = preview.isFetching || settled !== query;
  if (query.trim() === "") return null;
  return (
    <Section title={t("view.preview")} description={t("view.previewText")}>
      {preview.error && !late && (
        <Alert
          tone="danger"
          title={describeError(preview.error).title}
          actions={
            toApiError(preview.error).isTemporary && (
              <Button size="sm" onClick={() => void preview.refetch()}>
                {t("action.retry")}
              </Button>
            )
          }
        >
          {toApiError(preview.error).fields.query?.message ?? describeError(preview.error).text}
        </Alert>
      )}
      {preview.data && !preview.error ? (
        <Sample preview={preview.data} late={late} />
      ) : (
        late && <Skeleton className="h-32 w-full" />
      )}
    </Section>
  );
}

function Sample({ preview: { fields, sample }, late }: { preview: Preview; late: boolean }) {
  return (
    <Card aria-busy={late} className={cn("overflow-hidden transition-opacity", late && "opacity-60")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <section aria-label={t("view.preview")} tabIndex={0} className="overflow-x-auto">
        <table aria-label={t("view.preview")} className="w-full border-collapse text-left text-sm">
          <TableHeader>
            <TableRow className="border-line border-b">
              {fields.map(({ name, type }) => {
                const Icon = kindIcon(type);
                return (
                  <TableHead key={name}>
                    <span className="inline-flex items-center gap-1.5">
                      <Icon aria-hidden className="size-3.5" />
                      {name}
                      <span className="sr-only">{`(${kindLabel(type)})`}</span>
                    </span>
                  </TableHead>
                );
              })}
            </TableRow>
          </TableHeader>
          <TableBody>
            {sample.map((row, index) => (
              <TableRow key={String(row.id ?? index)}>
                {fields.map(({ name }) => (
                  <TableCell key={name} className="max-w-72 truncate">
                    {spelled(row[name])}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </table>
      </section>
      {sample.length === 0 && (
        <Notice icon={Table2} title={t("view.previewEmpty")} className="border-0 py-6 shadow-none">
          {t("records.empty.view")}
        </Notice>
      )}
    </Card>
  );
}

function spelled(value: unknown): string {
  if (value === null || value === undefined || value === "") return t("value.none");
  return typeof value === "string" ? value : JSON.stringify(value);
}
