import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Rows3 } from "lucide-react";
import { type ReactElement, useState } from "react";
import { collectionsQuery } from "@/api/queries";
import type { Collection } from "@/api/types";
import { Code } from "@/components/code";
import { CollectionTypeBadge } from "@/components/collection-type";
import { CopyButton } from "@/components/copy-button";
import { Moment } from "@/components/moment";
import { Page } from "@/components/page";
import { MissingCollection, QueryView } from "@/components/query-view";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { type PlainKey, t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { AuthOptions } from "./auth-options";
import { CollectionMenu } from "./collection-menu";
import { CollectionName } from "./collection-name";
import { nameProblem } from "./field-names";
import { FieldsEditor } from "./fields-editor";
import { FieldsTable } from "./fields-table";
import { IndexesEditor } from "./indexes-editor";
import { RulesEditor } from "./rules-editor";
import { SaveBar } from "./save-bar";
import { type CollectionTab, tabsOf } from "./search";
import { type CollectionDraft, useCollectionDraft } from "./use-collection-draft";
import { ViewQuery } from "./view-query";

const route = getRouteApi("/shell/collections/$name");

export function CollectionPage(): ReactElement {
  const { name } = route.useParams();
  const navigate = route.useNavigate();
  const collections = useQuery(collectionsQuery());
  const collection = collections.data?.find((each) => each.name === name || each.id === name);

  return (
    <Page
      title={collection?.name ?? name}
      back={{ to: paths.collections(), place: t("collections.title") }}
      badges={collection && <Badges collection={collection} />}
      description={collection && <Facts collection={collection} />}
      actions={
        collection && (
          <>
            <Button asChild>
              <Link {...paths.records(collection.name)}>
                <Rows3 aria-hidden />
                {t("collection.records")}
              </Link>
            </Button>
            <CollectionMenu
              collection={collection}
              onCopied={(copy) => void navigate(paths.collection(copy.name))}
              onDeleted={() => void navigate({ ...paths.collections(), ignoreBlocker: true })}
            />
          </>
        )
      }
    >
      <QueryView query={collections} label={name} skeleton={<DetailSkeleton />}>
        {(all) =>
          collection ? (
            <Definition key={collection.id} stored={collection} all={all} />
          ) : (
            <MissingCollection name={name} />
          )
        }
      </QueryView>
    </Page>
  );
}

function Definition({ stored, all }: { stored: Collection; all: Collection[] }) {
  const { tab: wanted = "fields" } = route.useSearch();
  const navigate = route.useNavigate();
  const [problems, setProblems] = useState<Record<string, string>>({});
  const draft = useCollectionDraft(stored);
  const tabs = tabsOf(stored.type);
  const tab = tabs.includes(wanted) ? wanted : "fields";

  const openTab = (next: string) =>
    void navigate({
      search: { tab: next === "fields" ? undefined : (next as CollectionTab) },
      replace: true,
    });
  const onSaved = ({ name }: Collection) => {
    if (name !== stored.name) {
      void navigate({
        ...paths.collection(name),
        search: { tab: wanted },
        replace: true,
        ignoreBlocker: true,
      });
    }
  };

  const invalid = draft.fields.some((field) => !field.removed && nameProblem(field, draft.fields) !== null);
  return (
    <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <UnsavedGuard
        dirty={draft.dirty}
        survives={(path) => path.replace(/\/$/, "").endsWith(`/collections/${stored.name}`)}
      />
      <TabsList aria-label={t("collection.tabs")}>
        {tabs.map((name) => (
          <TabsTrigger key={name} value={name}>
            {t(tabLabels[name])}
            <TabMark tab={name} draft={draft} problems={problems} />
          </TabsTrigger>
        ))}
      </TabsList>
      {stored.system && <Alert title={t("collection.systemNote")} />}
      <TabsContent value="fields" className="grid gap-4">
        {!stored.system && <CollectionName draft={draft} problem={problems.name} />}
        {stored.type === "view" ? (
          <FieldsTable
            fields={stored.fields}
            collectionName={(id) => all.find((each) => each.id === id)?.name}
          />
        ) : (
          <FieldsEditor
            draft={draft}
            collectionName={(id) => all.find((each) => each.id === id)?.name}
            problems={problems}
          />
        )}
      </TabsContent>
      <TabsContent value="rules">
        <RulesEditor draft={draft} collections={all} problems={problems} />
      </TabsContent>
      <TabsContent value="indexes">
        <IndexesEditor draft={draft} problems={problems} />
      </TabsContent>
      <TabsContent value="options">
        <AuthOptions draft={draft} problems={problems} />
      </TabsContent>
      <TabsContent value="query">
        <ViewQuery draft={draft} problem={problems.viewQuery} />
      </TabsContent>
      <SaveBar stored={stored} draft={draft} invalid={invalid} onProblems={setProblems} onSaved={onSaved} />
    </Tabs>
  );
}

const tabLabels: Record<CollectionTab, PlainKey> = {
  fields: "collection.tab.fields",
  rules: "collection.tab.rules",
  indexes: "collection.tab.indexes",
  options: "collection.tab.options",
  query: "collection.tab.query",
};

const problemsOfTab: Record<CollectionTab, (path: string) => boolean> = {
  fields: (path) => path.startsWith("fields") || path === "name",
  rules: (path) => path.endsWith("Rule"),
  indexes: (path) => path.startsWith("indexes"),
  options: (path) => path.includes(".") && !path.startsWith("fields") && !path.startsWith("indexes"),
  query: (path) => path === "viewQuery",
};

interface TabMarkProps {
  tab: CollectionTab;
  draft: CollectionDraft;
  problems: Record<string, string>;
}

/** How many mistakes are on a tab, else how many things. */
function TabMark({ tab, draft, problems }: TabMarkProps) {
  const wrong = Object.keys(problems).filter(problemsOfTab[tab]).length;
  if (wrong > 0) return <Badge tone="danger">{t("collection.tabProblems", { count: wrong })}</Badge>;
  if (tab === "fields") return <Badge className="tabular-nums">{draft.collection.fields.length}</Badge>;
  const indexes = draft.collection.indexes?.length ?? 0;
  return tab === "indexes" && indexes > 0 ? <Badge className="tabular-nums">{indexes}</Badge> : null;
}

function Badges({ collection }: { collection: Collection }) {
  return (
    <>
      <CollectionTypeBadge type={collection.type} />
      {collection.system && <Badge>{t("collections.system")}</Badge>}
    </>
  );
}

function Facts({ collection }: { collection: Collection }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <span className="inline-flex items-center gap-0.5">
        <Code>{collection.id}</Code>
        <CopyButton value={collection.id} what={t("collection.id")} />
      </span>
      <span>
        {t("collections.column.updated")} <Moment value={collection.updated} />
      </span>
    </div>
  );
}

function DetailSkeleton() {
  return (
    <div className="grid gap-5">
      <Skeleton className="h-9 w-48" />
      <Card className="grid gap-5 p-5">
        {["a", "b", "c", "d"].map((place) => (
          <Skeleton key={place} className="h-4 w-full" />
        ))}
      </Card>
    </div>
  );
}
