import { Code2, RotateCw, SquareTerminal, Terminal } from "lucide-react";
import type { Collection } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "@/ui/dropdown-menu";
import { Tooltip } from "@/ui/tooltip";
import { ColumnsMenu, type ColumnsMenuProps } from "./columns-menu";
import { DataMenu } from "./data-menu";
import { copyWithWord } from "./record-menu";
import { listAsCurl, listAsJs } from "./snippets";

interface RecordsToolsProps {
  collection: Collection;
  query: { page: number; perPage: number; sort?: string; filter?: string };
  columns: ColumnsMenuProps;
  onRefresh: () => void;
}

/** The buttons beside the filter: columns, code, refresh. */
export function RecordsTools({ collection, query, columns, onRefresh }: RecordsToolsProps) {
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-2">
      <DataMenu collection={collection} query={query} columns={columns} />
      <ColumnsMenu {...columns} />
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
