import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Blocks } from "lucide-react";
import type { ReactElement } from "react";
import { pluginsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { CommandLine } from "@/components/code";
import { type Column, DataTable, DataTableSkeleton, rowLinkProps } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { Page, Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { toast } from "@/ui/toast";
import { PluginDrop } from "./plugin-drop";
import { CapabilitySigns, ExportBadges, StateBadge } from "./plugin-signs";
import { usePluginUpload } from "./use-plugin-upload";

const route = getRouteApi("/shell/plugins");

const columns: Column<Plugin>[] = [
  {
    id: "name",
    header: t("plugins.column.name"),
    cell: ({ id, name, version }) => (
      <span className="grid">
        <Link {...paths.plugin(id)} {...rowLinkProps}>
          <span className="[overflow-wrap:anywhere]">{name}</span>
        </Link>
        {version && (
          <span className="whitespace-nowrap text-ink-soft text-xs">{t("plugin.version", { version })}</span>
        )}
      </span>
    ),
    className: "min-w-40",
    skeleton: "w-32",
    card: "title",
  },
  {
    id: "hooks",
    header: t("plugins.column.hooks"),
    cell: (plugin) => <ExportBadges exports={plugin.exports} />,
    skeleton: "w-28",
    card: "line",
  },
  {
    id: "capabilities",
    header: t("plugins.column.capabilities"),
    cell: (plugin) => <CapabilitySigns capabilities={plugin.capabilities} />,
    className: "max-md:hidden",
    skeleton: "w-28",
    card: "line",
  },
  {
    id: "state",
    header: t("plugins.column.state"),
    cell: ({ state }) => <StateBadge state={state} />,
    className: "w-32",
    skeleton: "w-16",
    card: "aside",
  },
  {
    id: "size",
    header: t("plugins.column.size"),
    cell: ({ size }) => <span className="whitespace-nowrap tabular-nums">{formatBytes(size)}</span>,
    className: "w-24 text-ink-soft max-lg:hidden",
    skeleton: "w-12",
    card: "none",
  },
  {
    id: "created",
    header: t("plugins.column.created"),
    cell: ({ created }) => <Moment value={created} />,
    className: "w-32 whitespace-nowrap text-ink-soft max-lg:hidden",
    skeleton: "w-16",
    card: "line",
  },
];

export function PluginsPage(): ReactElement {
  const navigate = route.useNavigate();

  const plugins = useQuery(pluginsQuery());

  const upload = usePluginUpload((plugin) => {
    toast.success(t("drop.done", { name: plugin.name }), { description: t("drop.doneText") });
    void navigate(paths.plugin(plugin.id));
  });

  return (
    <Page title={t("plugins.title")} description={t("plugins.text")}>
      <PluginDrop upload={upload} />
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
    </Page>
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
