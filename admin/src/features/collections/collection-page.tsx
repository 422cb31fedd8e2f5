import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import type { ReactElement } from "react";
import { collectionsQuery } from "@/api/queries";
import type { Collection } from "@/api/types";
import { Code } from "@/components/code";
import { CollectionTypeBadge } from "@/components/collection-type";
import { CopyButton } from "@/components/copy-button";
import { Moment } from "@/components/moment";
import { Page } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { FieldsTable } from "./fields-table";
import { RulesList } from "./rules-list";
import type { CollectionTab } from "./search";

const route = getRouteApi("/shell/collections/$name");

export function CollectionPage(): ReactElement {
  const { name } = route.useParams();
  const { tab = "fields" } = route.useSearch();
  const navigate = route.useNavigate();

  const collections = useQuery(collectionsQuery());
  const collection = collections.data?.find((each) => each.name === name || each.id === name);

  const openTab = (next: string) =>
    void navigate({
      search: { tab: next === "fields" ? undefined : (next as CollectionTab) },
      replace: true,
    });

  return (
    <Page
      title={collection?.name ?? name}
      back={{ to: paths.collections(), place: t("collections.title") }}
      badges={collection && <Badges collection={collection} />}
      description={collection && <Facts collection={collection} />}
    >
      <QueryView query={collections} label={name} skeleton={<DetailSkeleton />}>
        {(all) =>
          collection ? (
            <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
              <TabsList aria-label={t("collection.tabs")}>
                <TabsTrigger value="fields">
                  {t("collection.tab.fields")}
                  <Badge className="tabular-nums">{collection.fields.length}</Badge>
                </TabsTrigger>
                <TabsTrigger value="rules">{t("collection.tab.rules")}</TabsTrigger>
              </TabsList>
              <TabsContent value="fields">
                <FieldsTable
                  fields={collection.fields}
                  collectionName={(id) => all.find((each) => each.id === id)?.name}
                />
              </TabsContent>
              <TabsContent value="rules">
                <RulesList collection={collection} />
              </TabsContent>
            </Tabs>
          ) : (
            <Notice icon={SearchX} title={t("collection.missing.title", { name })}>
              {t("collection.missing.text")}
            </Notice>
          )
        }
      </QueryView>
    </Page>
  );
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
