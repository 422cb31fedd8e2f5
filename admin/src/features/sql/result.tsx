import { Table2 } from "lucide-react";
import { useState } from "react";
import type { StatementRows } from "@/api/sql";
import { CopyBlock } from "@/components/copy-block";
import { Section } from "@/components/page";
import { Pager } from "@/components/pager";
import { Notice } from "@/components/query-view";
import { formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { Dialog, DialogBody, DialogContent } from "@/ui/dialog";
import { TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/ui/table";
import { CopyAs } from "./copy-as";
import { asCsv, asJson } from "./rows-text";

/** How many rows stand in the document at once. */
const rowsPerPage = 100;
/** What is longer is cut. */
const textMax = 60;

/** How many rows, and how long it took. */
export function summary({ columns, rows, affectedRows, execTime }: StatementRows, write: boolean): string {
  return [
    columns.length > 0 && t("sql.rows", { count: rows.length }),
    write && t("sql.affected", { count: affectedRows }),
    t("sql.took", { time: formatMilliseconds(execTime) }),
  ]
    .filter(Boolean)
    .join(" · ");
}

interface Shown {
  column: string;
  text: string;
}

/** The rows of one answer. */
export function Result({ answer }: { answer: StatementRows }) {
  const { rows, truncated } = answer;
  const [page, setPage] = useState(1);
  const [shown, setShown] = useState<Shown | null>(null);
  const visible = rows.slice((page - 1) * rowsPerPage, page * rowsPerPage);
  return (
    <Section
      title={t("sql.result")}
      actions={
        rows.length > 0 && (
          <span className="flex flex-wrap gap-2">
            <CopyAs label={t("sql.copyCsv")} text={() => asCsv(answer)} />
            <CopyAs label={t("sql.copyJson")} text={() => asJson(answer)} />
          </span>
        )
      }
    >
      {truncated && (
        <Alert tone="warning" title={t("sql.truncated")}>
          {t("sql.truncatedText")}
        </Alert>
      )}
      {rows.length === 0 ? (
        <Notice icon={Table2} title={t("sql.noRows")} className="py-8">
          {t("sql.noRowsText")}
        </Notice>
      ) : (
        <Rows answer={answer} rows={visible} onShow={setShown} />
      )}
      {rows.length > rowsPerPage && (
        <Pager
          page={page}
          perPage={rowsPerPage}
          shown={visible.length}
          total={rows.length}
          onPage={setPage}
        />
      )}
      <Dialog open={shown !== null} onOpenChange={(open) => !open && setShown(null)}>
        <DialogContent title={shown?.column} closeLabel={t("action.close")} className="sm:max-w-2xl">
          <DialogBody>{shown && <CopyBlock text={shown.text} what={shown.column} />}</DialogBody>
        </DialogContent>
      </Dialog>
    </Section>
  );
}

interface RowsProps {
  answer: StatementRows;
  rows: StatementRows["rows"];
  onShow: (shown: Shown) => void;
}

function Rows({ answer: { columns }, rows, onShow }: RowsProps) {
  return (
    <Card className="overflow-hidden">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <section aria-label={t("sql.result")} tabIndex={0} className="max-h-[36rem] overflow-auto">
        <table aria-label={t("sql.result")} className="w-full border-collapse text-left text-sm">
          <TableHeader className="sticky top-0 z-10 bg-sunken">
            <TableRow className="border-line border-b">
              {columns.map(({ name, type }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: several columns may have the same name.
                <TableHead key={index} className={cn(isNumber(type) && "text-right")}>
                  <span className="font-mono">{name}</span>
                  {type && <span className="ml-1.5 font-normal">{type}</span>}
                </TableHead>
              ))}
            </TableRow>
          </TableHeader>
          <TableBody>
            {rows.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name, and never change.
              <TableRow key={place}>
                {columns.map(({ name, type }, index) => (
                  <TableCell
                    // biome-ignore lint/suspicious/noArrayIndexKey: as in the header.
                    key={index}
                    className={cn(
                      "h-9 whitespace-nowrap py-1 font-mono text-xs",
                      isNumber(type) && "text-right tabular-nums",
                    )}
                  >
                    <Value value={row[index] ?? null} column={name} onShow={onShow} />
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </table>
      </section>
    </Card>
  );
}

const isNumber = (type: string) => /^(?:INT|REAL|NUM)/i.test(type);

interface ValueProps {
  value: string | null;
  column: string;
  onShow: (shown: Shown) => void;
}

/** NULL and an empty text are told apart; what is long or has lines opens. */
function Value({ value, column, onShow }: ValueProps) {
  if (value === null) return <span className="text-ink-soft">{t("sql.null")}</span>;
  if (value === "") return <span className="font-sans text-ink-soft italic">{t("sql.emptyText")}</span>;
  if (value.length <= textMax && !/[\r\n]/.test(value)) return value;
  return (
    <button
      type="button"
      title={t("sql.showAll", { column })}
      className="min-h-6 whitespace-pre rounded text-left underline decoration-line-strong decoration-dotted underline-offset-4 hover:text-accent"
      onClick={() => onShow({ column, text: value })}
    >
      {`${value.replace(/\s+/g, " ").slice(0, textMax)}…`}
    </button>
  );
}
