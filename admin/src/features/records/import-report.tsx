import { readFields } from "@/api/errors";
import type { ImportReport } from "@/api/transfer";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";

/** What a trial has found out, or what an import has done, with the rows that are wrong. */
export function ImportReportView({ report }: { report: ImportReport }) {
  const { rows, created, updated, failed, errors, dryRun, stopped } = report;
  const title = dryRun
    ? t("importRecords.checked", { count: rows })
    : t("importRecords.written", { count: rows });
  return (
    <section aria-label={title} className="grid gap-3">
      <Alert tone={failed > 0 || stopped ? "warning" : "success"} title={title} role="status">
        <p className="tabular-nums">{t("importRecords.counts", { created, updated, failed })}</p>
      </Alert>
      {stopped && (
        <Alert tone="danger" title={t("importRecords.stopped", { row: stopped.row })} role="alert">
          <p className="[overflow-wrap:anywhere]">{stopped.message}</p>
          <p>{t(dryRun ? "importRecords.stoppedTrial" : "importRecords.stoppedText")}</p>
        </Alert>
      )}
      {errors.length > 0 && (
        <div className="grid gap-1.5">
          <h3 className="font-medium text-sm">{t("importRecords.errors")}</h3>
          <ul
            aria-label={t("importRecords.errors")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
            tabIndex={0}
            className="max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line"
          >
            {errors.map(({ row, message, data }) => (
              <li key={row} className="grid grid-cols-[5rem_minmax(0,1fr)] gap-3 px-3 py-2 text-sm">
                <span className="text-ink-soft tabular-nums">{t("importRecords.row", { row })}</span>
                <Reasons message={message} data={data} />
              </li>
            ))}
          </ul>
          {failed > errors.length && (
            <p className="text-ink-soft text-xs">
              {t("importRecords.moreErrors", { count: failed - errors.length })}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

function Reasons({ message, data }: { message: string; data: unknown }) {
  const fields = Object.entries(readFields(data));
  if (fields.length === 0) return <span>{message}</span>;
  return (
    <span className="grid gap-0.5">
      {fields.map(([name, { message: said }]) => (
        <span key={name} className="[overflow-wrap:anywhere]">
          <span className="font-medium">{name}</span> {said}
        </span>
      ))}
    </span>
  );
}
