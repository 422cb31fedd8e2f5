/** The columns of the list of plugins. */
import { Link } from "@tanstack/react-router";
import type { PluginCalls } from "@/api/system";
import type { Plugin } from "@/api/types";
import { type Column, rowLinkProps } from "@/components/data-table";
import { formatList, formatNumber } from "@/format";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { CapabilitySigns, ExportBadges, StateBadge } from "./plugin-signs";

interface Known {
  /** The collections where a plugin runs, as far as that is known. */
  placesOf: (id: string) => string[] | undefined;
  callsOf: (id: string) => PluginCalls | undefined;
}

export function pluginColumns({ placesOf, callsOf }: Known): Column<Plugin>[] {
  return [
    {
      id: "name",
      header: t("plugins.column.name"),
      cell: ({ id, name, version }) => (
        <span className="grid">
          <Link {...paths.plugin(id)} {...rowLinkProps}>
            <span className="[overflow-wrap:anywhere]">{name}</span>
          </Link>
          {version && (
            <span className="whitespace-nowrap text-ink-soft text-xs">
              {t("plugin.version", { version })}
            </span>
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
      id: "places",
      header: t("plugins.column.places"),
      cell: ({ id }) => <Places names={placesOf(id)} />,
      className: "max-lg:hidden",
      skeleton: "w-20",
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
      id: "calls",
      header: t("plugins.column.calls"),
      cell: ({ id }) => <Calls calls={callsOf(id)} />,
      className: "w-32 max-lg:hidden",
      skeleton: "w-12",
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
  ];
}

function Places({ names }: { names: string[] | undefined }) {
  if (!names || names.length === 0) return <span className="text-ink-soft">{t("plugins.nowhere")}</span>;
  return <span className="[overflow-wrap:anywhere]">{formatList([...new Set(names)])}</span>;
}

function Calls({ calls }: { calls: PluginCalls | undefined }) {
  if (!calls) return <span className="text-ink-soft">{t("plugins.notCalled")}</span>;
  return (
    <span className="grid tabular-nums">
      {formatNumber(calls.calls)}
      {calls.failures > 0 && (
        <span className="text-danger text-xs">{t("plugins.failures", { count: calls.failures })}</span>
      )}
    </span>
  );
}
