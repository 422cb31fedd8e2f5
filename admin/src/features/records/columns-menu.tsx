import { Columns3 } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import type { Field } from "@/api/types";
import { kindIcon } from "@/components/field-kinds";
import { MoveButtons, moved } from "@/components/move-buttons";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { cn } from "@/ui/cn";
import { Input, verbatim } from "@/ui/input";
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/popover";

export interface ColumnsMenuProps {
  /** In the order in which they stand. */
  fields: Field[];
  hidden: string[];
  onToggle: (column: string) => void;
  onOrder: (names: string[]) => void;
  onReset: () => void;
}

/** So many are seen at once, and need no search. */
const plainMax = 10;

/** Which columns are shown, and in which order. */
export function ColumnsMenu(props: ColumnsMenuProps) {
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Columns3 aria-hidden />
          {t("records.columns")}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" aria-label={t("records.columns")} className="w-72 max-w-[calc(100vw-1rem)]">
        <Columns {...props} />
      </PopoverContent>
    </Popover>
  );
}

function Columns({ fields, hidden, onToggle, onOrder, onReset }: ColumnsMenuProps) {
  const id = useId();
  const [wanted, setWanted] = useState("");
  const names = fields.map(({ name }) => name);
  const searched = fields.length > plainMax;
  const words = wanted.trim().toLowerCase();
  const found = fields.filter(({ name }) => name.toLowerCase().includes(words));
  // As in other lists that are searched: Enter takes the first that is found.
  const first = words === "" ? undefined : found[0]?.name;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the inputs in it.
    <div onKeyDown={walk}>
      {searched && (
        <div className="p-1 pb-2">
          <Input
            {...verbatim}
            type="text"
            inputMode="search"
            data-stop
            aria-label={t("records.columnsFind")}
            placeholder={t("records.columnsFind")}
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || first === undefined) return;
              event.preventDefault();
              onToggle(first);
            }}
          />
        </div>
      )}
      <p role="status" className={cn("text-ink-soft text-sm", found.length === 0 && "px-2 py-3")}>
        {found.length === 0 && t("combobox.none")}
      </p>
      <ol
        aria-label={t("records.columnsShown")}
        className={cn(
          "overflow-y-auto empty:hidden",
          searched
            ? "max-h-[min(32rem,calc(var(--radix-popover-content-available-height)-8.5rem))]"
            : "max-h-[min(32rem,calc(var(--radix-popover-content-available-height)-5rem))]",
        )}
      >
        {found.map(({ id: fieldId, name, type }) => {
          const Icon = kindIcon(type);
          return (
            <li
              key={fieldId}
              className={cn(
                "flex min-h-9 items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-hover/55",
                name === first && "bg-hover/55",
              )}
            >
              <Checkbox
                id={`${id}-${name}`}
                data-stop
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
                  index={names.indexOf(name)}
                  count={fields.length}
                  upLabel={t("records.columnUp", { name })}
                  downLabel={t("records.columnDown", { name })}
                  onMove={(to) => onOrder(moved(names, names.indexOf(name), to))}
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
    </div>
  );
}

/** Arrows go from the search to the columns, through them, and back. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-stop]")];
  const at = stops.indexOf(event.target as HTMLElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  stops[at + step]?.focus();
}
