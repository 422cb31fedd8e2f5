import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Download, Ellipsis, Layers, Plus, Settings2, Upload } from "lucide-react";
import { type ReactElement, useDeferredValue, useId, useState } from "react";
import { collectionsQuery } from "@/api/queries";
import type { Collection } from "@/api/types";
import { CommandLine } from "@/components/code";
import { CollectionIcon, CollectionTypeBadge } from "@/components/collection-type";
import { type Column, DataTable, DataTableSkeleton, rowLinkProps } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { Page } from "@/components/page";
import { NoMatches, Notice, QueryView } from "@/components/query-view";
import { SearchInput } from "@/components/search-input";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "@/ui/dropdown-menu";
import { Label } from "@/ui/label";
import { Tooltip } from "@/ui/tooltip";
import { ImportSheet } from "./import-sheet";
import { NewCollectionDialog } from "./new-collection-dialog";
import { RuleStrip } from "./rule-strip";
import type { CollectionsSearch } from "./search";
import { download, exported } from "./transfer";

const route = getRouteApi("/shell/collections");

const columns: Column<Collection>[] = [
  {
    id: "name",
    header: t("collections.column.name"),
    cell: ({ name, type, system }) => (
      <span className="flex min-w-0 items-center gap-x-2.5">
        <CollectionIcon type={type} className="size-4 shrink-0 text-ink-soft" />
        <span className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link {...paths.records(name)} {...rowLinkProps}>
            <span className="[overflow-wrap:anywhere]">{name}</span>
          </Link>
          {system && <Badge>{t("collections.system")}</Badge>}
        </span>
      </span>
    ),
    skeleton: "w-40",
    card: "title",
  },
  {
    id: "type",
    header: t("collections.column.type"),
    cell: ({ type }) => <CollectionTypeBadge type={type} />,
    className: "w-24",
    skeleton: "w-12",
    card: "aside",
  },
  {
    id: "fields",
    header: t("collections.column.fields"),
    cell: ({ fields }) => <span className="tabular-nums">{fields.length}</span>,
    className: "w-20 max-md:hidden text-ink-soft",
    skeleton: "w-6",
    card: "line",
  },
  {
    id: "rules",
    header: t("collections.column.rules"),
    cell: (collection) => <RuleStrip collection={collection} />,
    className: "w-44 min-[90rem]:w-[25rem]",
    skeleton: "w-28",
    card: "line",
  },
  {
    id: "updated",
    header: t("collections.column.updated"),
    cell: ({ updated }) => <Moment value={updated} />,
    className: "w-36 whitespace-nowrap text-ink-soft max-lg:hidden",
    skeleton: "w-20",
    card: "line",
  },
  {
    id: "edit",
    header: t("collections.column.edit"),
    headerHidden: true,
    cell: ({ name }) => (
      <Tooltip content={t("collections.edit", { name })}>
        <Button asChild variant="ghost" size="icon-sm" className="relative z-10">
          <Link {...paths.collection(name)} aria-label={t("collections.edit", { name })}>
            <Settings2 aria-hidden />
          </Link>
        </Button>
      </Tooltip>
    ),
    className: "w-14 text-right",
    skeleton: "w-6",
    card: "aside",
  },
];

export function CollectionsPage(): ReactElement {
  const { search = "", system, create } = route.useSearch();
  const navigate = route.useNavigate();
  const needle = useDeferredValue(search);

  const [importing, setImporting] = useState(false);

  const collections = useQuery(collectionsQuery());

  const change = (next: CollectionsSearch) =>
    void navigate({
      search: (current) => ({ ...current, ...next }),
      replace: true,
    });

  return (
    <Page
      title={t("collections.title")}
      description={t("collections.text")}
      actions={
        <>
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button size="icon" aria-label={t("collections.menu")}>
                <Ellipsis aria-hidden />
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent align="end">
              <DropdownMenuItem onSelect={() => setImporting(true)}>
                <Upload aria-hidden />
                {t("collections.import")}
              </DropdownMenuItem>
              <DropdownMenuItem
                disabled={!collections.data}
                onSelect={() => download("collections.json", exported(collections.data ?? []))}
              >
                <Download aria-hidden />
                {t("collections.export")}
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
          <Button variant="primary" onClick={() => change({ create: "yes" })}>
            <Plus aria-hidden />
            {t("newCollection.title")}
          </Button>
        </>
      }
    >
      <NewCollectionDialog
        open={create === "yes"}
        onClose={() => change({ create: undefined })}
        onCreated={({ name }) => void navigate(paths.collection(name))}
      />
      <ImportSheet open={importing} onClose={() => setImporting(false)} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
          <SearchInput
            label={t("collections.search")}
            placeholder={t("collections.searchHint")}
            value={search}
            onChange={(text) => change({ search: text || undefined })}
            className="w-full sm:w-72"
          />
          <SystemSwitch on={system === "yes"} onChange={(on) => change({ system: on ? "yes" : undefined })} />
          {collections.data && (
            <Shown
              all={visible(collections.data, "", system)}
              shown={visible(collections.data, needle, system)}
            />
          )}
        </div>
        <QueryView
          query={collections}
          label={t("collections.title")}
          skeleton={<DataTableSkeleton columns={columns} />}
        >
          {(all) => {
            const rows = visible(all, needle, system);
            if (rows.length > 0) {
              return (
                <DataTable
                  label={t("collections.title")}
                  columns={columns}
                  rows={rows}
                  rowKey={(collection) => collection.id}
                />
              );
            }
            if (needle) return <NoMatches text={needle} onClear={() => change({ search: undefined })} />;
            return <NoCollections onCreate={() => change({ create: "yes" })} />;
          }}
        </QueryView>
      </div>
    </Page>
  );
}

/** What the search leaves, the project's own collections before the system's. */
function visible(all: Collection[], search: string, system?: "yes"): Collection[] {
  const needle = search.trim().toLowerCase();
  return all
    .filter((collection) => system === "yes" || !collection.system)
    .filter(({ name, id }) => name.toLowerCase().includes(needle) || id.toLowerCase() === needle)
    .sort((a, b) => Number(a.system) - Number(b.system) || a.name.localeCompare(b.name));
}

function Shown({ all, shown }: { all: Collection[]; shown: Collection[] }) {
  return (
    <p role="status" className="text-ink-soft text-sm tabular-nums sm:ml-auto">
      {shown.length === all.length
        ? t("collections.count", { count: all.length })
        : t("collections.countFiltered", { shown: shown.length, count: all.length })}
    </p>
  );
}

function SystemSwitch({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="flex min-h-6 items-center gap-2">
      <Checkbox id={id} checked={on} onCheckedChange={(checked) => onChange(checked === true)} />
      <Label htmlFor={id} className="font-normal text-ink-soft">
        {t("collections.showSystem")}
      </Label>
    </div>
  );
}

function NoCollections({ onCreate }: { onCreate: () => void }) {
  return (
    <Notice
      icon={Layers}
      title={t("collections.empty.title")}
      actions={
        <Button variant="primary" onClick={onCreate}>
          <Plus aria-hidden />
          {t("newCollection.title")}
        </Button>
      }
      footer={<CommandLine command={t("collections.empty.command")} />}
    >
      {t("collections.empty.text")}
    </Notice>
  );
}
