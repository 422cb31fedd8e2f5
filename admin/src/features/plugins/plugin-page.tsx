import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import type { ReactElement } from "react";
import { attachmentsQuery, collectionsQuery, pluginsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Code } from "@/components/code";
import { CopyButton } from "@/components/copy-button";
import { Moment } from "@/components/moment";
import { Page } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { Attachments } from "./attachments";
import { Configuration } from "./configuration";
import { isGranted } from "./consent";
import { Grants } from "./grants";
import { attachableHooks, isClocked, isRouted, writeHooks } from "./hooks";
import { Inspection } from "./inspection";
import { Metrics } from "./metrics";
import { NextSteps } from "./next-steps";
import { PluginActions } from "./plugin-actions";
import { PluginLogs } from "./plugin-logs";
import { StateBadge } from "./plugin-signs";
import { Route } from "./route";
import { Schedules } from "./schedules";
import type { PluginTab } from "./search";
import { TabCount } from "./tab-count";
import { TestConsole } from "./test-console";
import { Versions } from "./versions";
import { WaitingVersion } from "./waiting-version";

const route = getRouteApi("/shell/plugins/$id");

export function PluginPage(): ReactElement {
  const { id } = route.useParams();
  const navigate = route.useNavigate();

  const plugins = useQuery(pluginsQuery());
  const plugin = plugins.data?.find((each) => each.id === id);

  return (
    <Page
      title={plugin?.name ?? t("plugins.title")}
      back={{ to: paths.plugins(), place: t("plugins.title") }}
      badges={plugin && <StateBadge state={plugin.state} />}
      description={plugin && <Facts plugin={plugin} />}
      actions={
        plugin && (
          <PluginActions
            plugin={plugin}
            onDeleted={() => void navigate({ ...paths.plugins(), ignoreBlocker: true })}
          />
        )
      }
    >
      <QueryView query={plugins} label={t("plugins.title")} skeleton={<DetailSkeleton />}>
        {() =>
          plugin ? (
            <Detail plugin={plugin} />
          ) : (
            <Notice icon={SearchX} title={t("plugin.missing.title")}>
              {t("plugin.missing.text")}
            </Notice>
          )
        }
      </QueryView>
    </Page>
  );
}

function Detail({ plugin }: { plugin: Plugin }) {
  const { tab: wanted = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const collections = useQuery(collectionsQuery());
  const attachments = useQuery(attachmentsQuery(plugin.id));
  // A part that the plugin has nothing for is not offered.
  const has: Partial<Record<PluginTab, boolean>> = {
    runs: attachableHooks(plugin.exports).length > 0 || (attachments.data?.length ?? 0) > 0,
    schedules: isClocked(plugin.exports),
    route: isRouted(plugin.exports),
    grants: plugin.capabilities.some(isGranted),
    test: writeHooks(plugin.exports).length > 0,
  };
  const tab = has[wanted] === false ? "overview" : wanted;

  const openTab = (next: string) =>
    void navigate({ search: next === "overview" ? {} : { tab: next as PluginTab }, replace: true });
  const collectionName = (reference: string) =>
    collections.data?.find(({ id, name }) => id === reference || name === reference)?.name ?? reference;

  return (
    <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <TabsList aria-label={t("plugin.tabs")}>
        <TabsTrigger value="overview">{t("plugin.tab.overview")}</TabsTrigger>
        {has.runs && (
          <TabsTrigger value="runs">
            {t("plugin.tab.runs")}
            <TabCount plugin={plugin} of="attachments" />
          </TabsTrigger>
        )}
        {has.schedules && (
          <TabsTrigger value="schedules">
            {t("schedules.title")}
            <TabCount plugin={plugin} of="schedules" />
          </TabsTrigger>
        )}
        {has.route && <TabsTrigger value="route">{t("route.title")}</TabsTrigger>}
        <TabsTrigger value="config">{t("attachment.config")}</TabsTrigger>
        {has.grants && <TabsTrigger value="grants">{t("grants.title")}</TabsTrigger>}
        {has.test && <TabsTrigger value="test">{t("test.title")}</TabsTrigger>}
        <TabsTrigger value="metrics">{t("metrics.title")}</TabsTrigger>
        <TabsTrigger value="versions">
          {t("versions.title")}
          <TabCount plugin={plugin} of="versions" />
        </TabsTrigger>
        <TabsTrigger value="log">{t("logs.title")}</TabsTrigger>
      </TabsList>
      <TabsContent value="overview" className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {plugin.state === "open" && (
          <Alert tone="warning" title={t("plugin.state.open")}>
            {t("plugin.state.openText")}
          </Alert>
        )}
        {plugin.problem && (
          <Alert tone="danger" title={t("plugin.state.broken")}>
            {t("plugin.state.brokenText", { problem: plugin.problem.message })}
          </Alert>
        )}
        <WaitingVersion plugin={plugin} />
        <NextSteps plugin={plugin} />
        <Inspection plugin={plugin} />
      </TabsContent>
      <TabsContent value="runs">
        <Attachments plugin={plugin} collectionName={collectionName} />
      </TabsContent>
      {/* Kept while another tab is looked at, so that nothing chosen is lost. */}
      <TabsContent value="grants" forceMount className="data-[state=inactive]:hidden">
        {has.grants && <Grants plugin={plugin} />}
      </TabsContent>
      <TabsContent value="schedules">{has.schedules && <Schedules plugin={plugin} />}</TabsContent>
      <TabsContent value="route">{has.route && <Route plugin={plugin} />}</TabsContent>
      <TabsContent value="config">
        <Configuration plugin={plugin} />
      </TabsContent>
      <TabsContent value="test">{has.test && <TestConsole plugin={plugin} />}</TabsContent>
      <TabsContent value="metrics">
        <Metrics plugin={plugin} />
      </TabsContent>
      <TabsContent value="versions">
        <Versions plugin={plugin} />
      </TabsContent>
      <TabsContent value="log">
        <PluginLogs plugin={plugin} />
      </TabsContent>
    </Tabs>
  );
}

function Facts({ plugin: { id, version, created } }: { plugin: Plugin }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <span className="inline-flex items-center gap-0.5">
        <Code>{id}</Code>
        <CopyButton value={id} what={t("plugin.id")} />
      </span>
      {version && <span>{t("plugin.version", { version })}</span>}
      <span>
        {t("plugins.column.created")} <Moment value={created} />
      </span>
    </div>
  );
}

function DetailSkeleton() {
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {["hooks", "capabilities"].map((place) => (
        <Card key={place} className="grid gap-5 p-5">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </Card>
      ))}
    </div>
  );
}
