import { Columns3 } from "lucide-react";
import { useId } from "react";
import type { Field } from "@/api/types";
import { kindIcon } from "@/components/field-kinds";
import { MoveButtons, moved } from "@/components/move-buttons";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/popover";

export interface ColumnsMenuProps {
  /** In the order in which they stand. */
  fields: Field[];
  hidden: string[];
  onToggle: (column: string) => void;
  onOrder: (names: string[]) => void;
  onReset: () => void;
}

/** Which columns are shown, and in which order. */
export function ColumnsMenu({ fields, hidden, onToggle, onOrder, onReset }: ColumnsMenuProps) {
  const id = useId();
  const names = fields.map(({ name }) => name);
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Columns3 aria-hidden />
          {t("records.columns")}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" aria-label={t("records.columns")} className="w-72 max-w-[calc(100vw-1rem)]">
        <ol
          aria-label={t("records.columnsShown")}
          className="max-h-[min(32rem,calc(var(--radix-popover-content-available-height)-5rem))] overflow-y-auto"
        >
          {fields.map(({ id: fieldId, name, type }, index) => {
            const Icon = kindIcon(type);
            return (
              <li
                key={fieldId}
                className="flex min-h-9 items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-hover/55"
              >
                <Checkbox
                  id={`${id}-${name}`}
                  checked={!hidden.includes(name)}
                  onCheckedChange={() => onToggle(name)}
                />
                <label
                  htmlFor={`${id}-${name}`}
                  className="flex min-w-0 flex-1 cursor-pointer items-center gap-2 py-1.5"
                >
                  <Icon aria-hidden className="size-4 shrink-0 text-ink-soft" />
                  <span className="truncate">{name}</span>
                </label>
                <span className="inline-flex">
                  <MoveButtons
                    index={index}
                    count={fields.length}
                    upLabel={t("records.columnUp", { name })}
                    downLabel={t("records.columnDown", { name })}
                    onMove={(to) => onOrder(moved(names, index, to))}
                  />
                </span>
              </li>
            );
          })}
        </ol>
        <div className="mt-1 border-line border-t p-1 pt-2">
          <Button size="sm" variant="ghost" className="w-full" onClick={onReset}>
            {t("records.columnsReset")}
          </Button>
        </div>
      </PopoverContent>
    </Popover>
  );
}
