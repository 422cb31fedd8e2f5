import { useQuery } from "@tanstack/react-query";
import { Check, Plus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { recordsQuery } from "@/api/records";
import type { Collection, RecordData } from "@/api/types";
import { filterFor, presentation } from "@/components/presentation";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Command, CommandInput, CommandItem, CommandList } from "@/ui/command";
import type { ControlProps } from "@/ui/field";
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/popover";

const foundMax = 20;

interface RecordPickerProps {
  target: Collection | undefined;
  chosen: string[];
  several?: boolean;
  onChoose: (id: string) => void;
  control?: ControlProps;
}

/** Finds a record by words, on the server, and chooses it. */
export function RecordPicker({ target, chosen, several = false, onChoose, control }: RecordPickerProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed);
  const { items, total, loading, failed } = useCandidates(target, search, open);
  const label = t("record.relation.search", { collection: target?.name ?? "" });
  const more = total - items.length;

  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button {...control} size="sm" className="w-fit" disabled={!target}>
          <Plus aria-hidden />
          {several || chosen.length === 0 ? t("record.relation.choose") : t("record.relation.replace")}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={label} className="w-80 max-w-[calc(100vw-3rem)]">
        <Command shouldFilter={false} loop label={label}>
          <CommandInput placeholder={label} value={typed} onValueChange={setTyped} />
          <CommandList label={label}>
            {items.map((record) => (
              <CommandItem
                key={record.id}
                value={record.id}
                onSelect={() => {
                  onChoose(record.id);
                  if (!several) setOpen(false);
                }}
              >
                <span className="grid min-w-0 flex-1 py-1">
                  <span className="truncate">{presentation(record, target)}</span>
                  <span className="truncate font-mono text-ink-soft text-xs">{record.id}</span>
                </span>
                {chosen.includes(record.id) && <Check aria-hidden className="text-accent" />}
              </CommandItem>
            ))}
          </CommandList>
          <p role="status" className="px-3 py-2 text-ink-soft text-xs">
            {failed && t("record.relation.failed")}
            {!failed && loading && t("app.loading")}
            {!failed && !loading && items.length === 0 && t("combobox.none")}
            {!failed && !loading && more > 0 && t("record.relation.more", { count: more })}
          </p>
        </Command>
      </PopoverContent>
    </Popover>
  );
}

interface Candidates {
  items: RecordData[];
  total: number;
  loading: boolean;
  failed: boolean;
}

function useCandidates(target: Collection | undefined, search: string, enabled: boolean): Candidates {
  const query = useQuery({
    ...recordsQuery(target?.name ?? "", {
      perPage: foundMax,
      filter: filterFor(search, target?.fields ?? []),
    }),
    enabled: enabled && target !== undefined,
  });
  return {
    items: query.data?.items ?? [],
    total: query.data?.totalItems ?? 0,
    loading: query.isFetching,
    failed: query.isError,
  };
}
