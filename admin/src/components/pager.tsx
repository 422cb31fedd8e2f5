import { ChevronLeft, ChevronRight } from "lucide-react";
import { useId } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Select } from "@/ui/select";

interface PagerProps {
  page: number;
  perPage: number;
  /** How many there may be on a page. */
  sizes: readonly number[];
  shown: number;
  total: number;
  onPage: (page: number) => void;
  onPerPage: (perPage: number) => void;
}

export function Pager({ page, perPage, sizes, shown, total, onPage, onPerPage }: PagerProps) {
  const sizeId = useId();
  const first = (page - 1) * perPage + 1;
  const pages = Math.max(1, Math.ceil(total / perPage));
  return (
    <nav aria-label={t("records.pages")} className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p role="status" className="text-ink-soft text-sm tabular-nums">
        {t("records.range", { first, last: first + shown - 1, total })}
      </p>
      <label htmlFor={sizeId} className="ml-auto flex items-center gap-2 text-ink-soft text-sm">
        <span className="max-sm:sr-only">{t("records.perPage")}</span>
        <Select
          id={sizeId}
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
      <div className="flex items-center gap-1">
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
