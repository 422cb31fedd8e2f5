import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { RowSelectionState } from "@tanstack/react-table";
import { Plus, Settings2 } from "lucide-react";
import { type ReactElement, type ReactNode, useEffect, useMemo, useState } from "react";
import { ApiError } from "@/api/errors";
import { collectionsQuery } from "@/api/queries";
import { recordsQuery } from "@/api/records";
import type { Collection, Page as PageOf, RecordData } from "@/api/types";
import { CollectionTypeBadge } from "@/components/collection-type";
import { Page } from "@/components/page";
import { Pager } from "@/components/pager";
import { filterFor } from "@/components/presentation";
import { BadFilter, MissingCollection, NoMatches, QueryView } from "@/components/query-view";
import { TypedFilter } from "@/components/typed-filter";
import { useWide } from "@/components/use-media";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { BulkBar } from "./bulk-bar";
import { orderText, tableFields, wantedParts } from "./columns";
import { RecordCards } from "./record-cards";
import { RecordPanel } from "./record-panel";
import { NoRecords, TableSkeleton } from "./records-states";
import { RecordsTable } from "./records-table";
import { RecordsTools } from "./records-tools";
import { namesIn, nextSort, pageSizes, pageSizeUsual, type RecordsSearch, toggleHidden } from "./search";
import { useDeletions } from "./use-deletions";

const route = getRouteApi("/shell/collections/$name/records");

/** Cards are all drawn, unlike rows. */
const cardsMax = 200;
const noRows: RecordData[] = [];

export function RecordsPage(): ReactElement {
  const { name } = route.useParams();
  const collections = useQuery(collectionsQuery());
  const collection = collections.data?.find((each) => each.name === name || each.id === name);

  return (
    <Page
      wide
      title={collection?.name ?? name}
      back={{ to: paths.collections(), place: t("collections.title") }}
      badges={collection && <CollectionTypeBadge type={collection.type} />}
      actions={collection && <Actions collection={collection} />}
    >
      <QueryView query={collections} label={name} skeleton={<TableSkeleton />}>
        {() =>
          collection ? (
            <Records key={collection.id} collection={collection} />
          ) : (
            <MissingCollection name={name} />
          )
        }
      </QueryView>
    </Page>
  );
}

function Actions({ collection }: { collection: Collection }) {
  const navigate = route.useNavigate();
  useNewKey(() => void navigate({ search: (current) => ({ ...current, record: "new" }) }));
  return (
    <>
      <Button asChild>
        <Link {...paths.collection(collection.name)}>
          <Settings2 aria-hidden />
          {t("records.definition")}
        </Link>
      </Button>
      {collection.type !== "view" && (
        <Button asChild variant="primary">
          <Link
            {...paths.record(collection.name, "new")}
            search={(current) => ({ ...current, record: "new" })}
          >
            <Plus aria-hidden />
            {t("records.new")}
          </Link>
        </Button>
      )}
    </>
  );
}

function Records({ collection }: { collection: Collection }) {
  const search = route.useSearch();
  const { page = 1, perPage: wanted = pageSizeUsual, sort, filter, hide, order, record } = search;
  const navigate = route.useNavigate();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const select = (ids: string[]) => setSelection(Object.fromEntries(ids.map((id) => [id, true as const])));
  const { hidden: leaving, remove } = useDeletions(collection.name, select);
  const wide = useWide();
  const perPage = wide ? wanted : Math.min(wanted, cardsMax);

  const fields = useMemo(() => tableFields(collection, order), [collection, order]);
  const query = {
    page,
    perPage,
    sort: sort ?? usualSort(collection),
    filter: filterFor(filter ?? "", collection.fields),
  };
  const records = useQuery(
    recordsQuery(collection.name, { ...query, ...wantedParts(tableFields(collection)) }),
  );

  const found = records.data?.items ?? noRows;
  const rows = useMemo(
    () => (leaving.size > 0 ? found.filter(({ id }) => !leaving.has(id)) : found),
    [found, leaving],
  );

  const change = (next: RecordsSearch, replace = true) =>
    void navigate({ search: (current) => ({ ...current, ...next }), replace });
  const closePanel = () =>
    void navigate({
      search: (current) => ({ ...current, record: undefined }),
      replace: true,
      ignoreBlocker: true,
    });
  const link = (row: RecordData, props: object, children: ReactNode) => (
    <Link
      {...paths.record(collection.name, row.id)}
      search={(current) => ({ ...current, record: row.id })}
      resetScroll={false}
      {...props}
    >
      {children}
    </Link>
  );
  const hidden = namesIn(hide);
  const ids = Object.keys(selection).filter((id) => selection[id]);
  const { error } = records;
  const badFilter = filter && error instanceof ApiError && error.status === 400 ? error : null;

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-start gap-2">
        <TypedFilter
          label={t("records.filter")}
          placeholder={t("records.filterHint")}
          value={filter ?? ""}
          onCommit={(text) => change({ filter: text || undefined, page: undefined })}
        />
        <RecordsTools
          collection={collection}
          query={query}
          columns={{
            fields,
            hidden,
            onToggle: (column) => change({ hide: toggleHidden(hide, column) }),
            onOrder: (names) => change({ order: orderText(collection, names) }),
            onReset: () => change({ hide: undefined, order: undefined }),
          }}
          onRefresh={() => void records.refetch()}
        />
      </div>
      {badFilter ? (
        <BadFilter message={badFilter.message} onClear={() => change({ filter: undefined })} />
      ) : (
        <QueryView
          query={records}
          label={t("records.of", { collection: collection.name })}
          skeleton={<TableSkeleton />}
        >
          {(data: PageOf<RecordData>) => {
            const total = data.totalItems - leaving.size;
            const isEmpty = rows.length === 0 && (data.items.length === 0 || total <= 0);
            if (isEmpty && filter) {
              return <NoMatches text={filter} onClear={() => change({ filter: undefined })} />;
            }
            if (isEmpty) return <NoRecords collection={collection} />;
            return (
              <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
                {wide ? (
                  <RecordsTable
                    collection={collection}
                    rows={rows}
                    firstRow={(page - 1) * perPage + 1}
                    total={total}
                    fields={fields}
                    hidden={hidden}
                    sort={query.sort}
                    onSort={(field) => change({ sort: nextSort(query.sort, field), page: undefined })}
                    selection={selection}
                    onSelection={setSelection}
                    link={link}
                  />
                ) : (
                  <RecordCards
                    collection={collection}
                    fields={fields}
                    rows={rows}
                    hidden={hidden}
                    selection={selection}
                    onSelection={setSelection}
                    link={link}
                  />
                )}
                <Pager
                  page={page}
                  perPage={perPage}
                  sizes={pageSizes}
                  shown={rows.length}
                  total={total}
                  onPage={(next) => change({ page: next === 1 ? undefined : next }, false)}
                  onPerPage={(size) =>
                    change({ perPage: size === pageSizeUsual ? undefined : size, page: undefined })
                  }
                  instead={
                    ids.length > 0 && (
                      <BulkBar
                        collection={collection}
                        ids={ids}
                        rows={rows}
                        onUnselect={() => setSelection({})}
                        onDelete={(chosen) => {
                          setSelection({});
                          remove(chosen);
                        }}
                      />
                    )
                  }
                />
              </div>
            );
          }}
        </QueryView>
      )}
      <RecordPanel
        collection={collection}
        target={record && !leaving.has(record) ? record : undefined}
        onClose={() => change({ record: undefined })}
        onSaved={closePanel}
        onDelete={(id) => {
          closePanel();
          remove([id]);
        }}
      />
    </div>
  );
}

/** Newest first, where the collection knows what is new. */
function usualSort(collection: Collection): string | undefined {
  return collection.fields.some(({ name, type }) => name === "created" && type === "autodate")
    ? "-created"
    : undefined;
}

/** `N` begins something new, unless it is typed into something. */
function useNewKey(onNew: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target;
      if (
        target instanceof Element &&
        target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")
      )
        return;
      event.preventDefault();
      onNew();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
