import { Braces, Download, FileDown, FileUp, Table2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { type ExportQuery, exportUrl } from "@/api/transfer";
import type { Collection, Field } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/ui/dropdown-menu";

const ImportSheet = lazy(async () => ({ default: (await import("./import-sheet")).ImportSheet }));

interface DataMenuProps {
  collection: Collection;
  query: { sort?: string; filter?: string };
  columns: { fields: Field[]; hidden: string[] };
}

const formats = [
  { key: "csv", label: "data.csv", icon: FileDown, query: { format: "csv" } },
  { key: "spreadsheet", label: "data.spreadsheet", icon: Table2, query: { format: "csv", spreadsheet: 1 } },
  { key: "json", label: "data.json", icon: Braces, query: { format: "json" } },
  { key: "ndjson", label: "data.ndjson", icon: FileDown, query: { format: "ndjson" } },
] as const satisfies { query: ExportQuery; [key: string]: unknown }[];

/** Records as files, in and out: all that the filter finds, with the columns that are shown. */
export function DataMenu({ collection, query, columns }: DataMenuProps) {
  const [importing, setImporting] = useState(false);
  const { filter, sort } = query;
  const { hidden } = columns;
  const fields =
    hidden.length > 0
      ? columns.fields
          .map(({ name }) => name)
          .filter((name) => !hidden.includes(name))
          .join(",")
      : undefined;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>
            <Download aria-hidden />
            {t("data.menu")}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {collection.type !== "view" && (
            <>
              <DropdownMenuItem onSelect={() => setImporting(true)}>
                <FileUp aria-hidden />
                {t("data.import")}
              </DropdownMenuItem>
              <DropdownMenuSeparator />
            </>
          )}
          <DropdownMenuLabel>{t("data.export")}</DropdownMenuLabel>
          {formats.map(({ key, label, icon: Icon, query: format }) => (
            <DropdownMenuItem key={key} asChild>
              <a href={exportUrl(collection.name, { ...format, filter, sort, fields })} download>
                <Icon aria-hidden />
                {t(label)}
              </a>
            </DropdownMenuItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      {importing && (
        <Suspense>
          <ImportSheet collection={collection} onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </>
  );
}
