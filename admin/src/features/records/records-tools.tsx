import { Code2, Columns3, RotateCw, SquareTerminal, Terminal } from "lucide-react";
import type { Collection } from "@/api/types";
import { kindIcon } from "@/components/field-kinds";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/ui/dropdown-menu";
import { Tooltip } from "@/ui/tooltip";
import { tableFields } from "./columns";
import { DataMenu } from "./data-menu";
import { copyWithWord } from "./record-menu";
import { listAsCurl, listAsJs } from "./snippets";

interface RecordsToolsProps {
  collection: Collection;
  query: { page: number; perPage: number; sort?: string; filter?: string };
  hidden: string[];
  onToggle: (column: string) => void;
  onShowAll: () => void;
  onRefresh: () => void;
}

/** The buttons beside the filter: columns, code, refresh. */
export function RecordsTools({
  collection,
  query,
  hidden,
  onToggle,
  onShowAll,
  onRefresh,
}: RecordsToolsProps) {
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-2">
      <DataMenu collection={collection} query={query} hidden={hidden} />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>
            <Columns3 aria-hidden />
            {t("records.columns")}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" className="max-h-80 overflow-y-auto">
          <DropdownMenuLabel>{t("records.columnsShown")}</DropdownMenuLabel>
          {tableFields(collection).map((field) => {
            const Icon = kindIcon(field.type);
            return (
              <DropdownMenuCheckboxItem
                key={field.id}
                checked={!hidden.includes(field.name)}
                onCheckedChange={() => onToggle(field.name)}
              >
                <Icon aria-hidden />
                {field.name}
              </DropdownMenuCheckboxItem>
            );
          })}
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={onShowAll}>{t("records.showAll")}</DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>
            <SquareTerminal aria-hidden />
            {t("records.code")}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem
            onSelect={() => void copyWithWord(listAsCurl(window.location.origin, collection.name, query))}
          >
            <Terminal aria-hidden />
            {t("records.copyCurl")}
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => void copyWithWord(listAsJs(collection.name, query))}>
            <Code2 aria-hidden />
            {t("records.copyJs")}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Tooltip content={t("records.refresh")}>
        <Button size="icon" aria-label={t("records.refresh")} onClick={onRefresh}>
          <RotateCw aria-hidden />
        </Button>
      </Tooltip>
    </div>
  );
}
