import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useId } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Select } from "@/ui/select";

interface PagerProps {
  page: number;
  perPage: number;
  shown: number;
  total: number;
  onPage: (page: number) => void;
  /** How many there may be on a page, where that can be chosen. */
  sizes?: readonly number[];
  onPerPage?: (perPage: number) => void;
  /** Takes the place of what is shown, and stays in sight: what can be done with what was chosen. */
  instead?: ReactNode;
}

export function Pager({ page, perPage, sizes, shown, total, onPage, onPerPage, instead }: PagerProps) {
  const first = (page - 1) * perPage + 1;
  const pages = Math.max(1, Math.ceil(total / perPage));
  return (
    <nav
      aria-label={t("records.pages")}
      className={cn(
        "flex min-h-10 flex-wrap items-center gap-x-4 gap-y-2",
        instead && "sticky bottom-14 z-20 bg-canvas py-1 sm:bottom-0",
      )}
    >
      {instead || (
        <p role="status" className="text-ink-soft text-sm tabular-nums">
          {t("records.range", { first, last: first + shown - 1, total })}
        </p>
      )}
      {sizes && onPerPage && <SizeSelect perPage={perPage} sizes={sizes} onPerPage={onPerPage} />}
      <div className={cn("flex items-center gap-1", !onPerPage && "ml-auto")}>
        <Button
          size="icon"
          disabled={page <= 1}
          aria-label={t("records.previous")}
          onClick={() => onPage(page - 1)}
        >
          <ChevronLeft aria-hidden />
        </Button>
        <span className="min-w-16 text-center text-ink-soft text-sm tabular-nums">
          {t("records.page", { page, pages })}
        </span>
        <Button
          size="icon"
          disabled={page >= pages}
          aria-label={t("records.next")}
          onClick={() => onPage(page + 1)}
        >
          <ChevronRight aria-hidden />
        </Button>
      </div>
    </nav>
  );
}

interface SizeSelectProps {
  perPage: number;
  sizes: readonly number[];
  onPerPage: (perPage: number) => void;
}

function SizeSelect({ perPage, sizes, onPerPage }: SizeSelectProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="ml-auto flex items-center gap-2 text-ink-soft text-sm">
      <span className="max-sm:sr-only">{t("records.perPage")}</span>
      <Select
        id={id}
        value={perPage}
        onChange={(event) => onPerPage(Number(event.target.value))}
        className="w-22"
      >
        {sizes.map((size) => (
          <option key={size} value={size}>
            {size}
          </option>
        ))}
      </Select>
    </label>
  );
}
