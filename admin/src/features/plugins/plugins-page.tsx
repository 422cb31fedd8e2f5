import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Blocks } from "lucide-react";
import type { ReactElement } from "react";
import { pluginsQuery } from "@/api/queries";
import { statsPauseMs, statsQuery } from "@/api/system";
import { CommandLine } from "@/components/code";
import { DataTable, DataTableSkeleton } from "@/components/data-table";
import { Page, Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { Figures } from "./figures";
import { KeptVersion } from "./kept-version";
import { misfitsOfUpload } from "./misfits";
import { Outbox } from "./outbox";
import { pluginColumns } from "./plugin-columns";
import { PluginDrop } from "./plugin-drop";
import { RunOrder } from "./run-order";
import type { PluginsTab } from "./search";
import { usePlacements } from "./use-placements";
import { usePluginUpload } from "./use-plugin-upload";

const route = getRouteApi("/shell/plugins");

export function PluginsPage(): ReactElement {
  const { tab = "installed" } = route.useSearch();
  const navigate = route.useNavigate();
  const openTab = (next: string) =>
    void navigate({ search: next === "installed" ? {} : { tab: next as PluginsTab }, replace: true });

  return (
    <Page title={t("plugins.title")} description={t("plugins.text")}>
      <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <TabsList aria-label={t("plugins.tabs")}>
          <TabsTrigger value="installed">{t("plugins.tab.installed")}</TabsTrigger>
          <TabsTrigger value="order">{t("plugins.tab.order")}</TabsTrigger>
          <TabsTrigger value="figures">{t("figures.tab")}</TabsTrigger>
          <TabsTrigger value="outbox">{t("outbox.title")}</TabsTrigger>
        </TabsList>
        <TabsContent value="installed">
          <Installed />
        </TabsContent>
        <TabsContent value="order">
          <RunOrder />
        </TabsContent>
        <TabsContent value="figures">
          <Figures />
        </TabsContent>
        <TabsContent value="outbox">
          <Outbox />
        </TabsContent>
      </Tabs>
    </Page>
  );
}

function Installed() {
  const navigate = route.useNavigate();
  const plugins = useQuery(pluginsQuery());
  const placements = usePlacements();
  const stats = useQuery({ ...statsQuery(), refetchInterval: statsPauseMs });
  const columns = pluginColumns({
    placesOf: (id) =>
      placements.data
        ?.filter(({ plugin }) => plugin.id === id)
        .map(({ attachment }) => attachment.collection),
    callsOf: (id) => stats.data?.plugins.find((each) => each.id === id),
  });

  const upload = usePluginUpload((plugin) => {
    // What is kept and not called is said here: it needs an answer.
    if (misfitsOfUpload(plugin).length > 0) return;
    toast.success(t("drop.done", { name: plugin.name }), { description: t("drop.doneText") });
    void navigate(paths.plugin(plugin.id));
  });

  const { done } = upload;
  const kept = done && misfitsOfUpload(done).length > 0 ? done : null;
  const called = plugins.data?.find(({ id }) => id === kept?.id);

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <PluginDrop upload={upload} />
      {kept && called && (
        <KeptVersion
          key={kept.version}
          plugin={called}
          version={kept}
          onCalled={() => void navigate(paths.plugin(kept.id))}
        />
      )}
      <Section title={t("plugins.list")}>
        <QueryView
          query={plugins}
          label={t("plugins.title")}
          skeleton={<DataTableSkeleton columns={columns} rows={3} />}
        >
          {(all) =>
            all.length > 0 ? (
              <DataTable
                label={t("plugins.list")}
                columns={columns}
                rows={all}
                rowKey={(plugin) => plugin.id}
              />
            ) : (
              <NoPlugins />
            )
          }
        </QueryView>
      </Section>
    </div>
  );
}

function NoPlugins() {
  return (
    <Notice
      icon={Blocks}
      title={t("plugins.empty.title")}
      actions={<CommandLine command={t("plugins.empty.command")} />}
    >
      {t("plugins.empty.text")}
    </Notice>
  );
}
