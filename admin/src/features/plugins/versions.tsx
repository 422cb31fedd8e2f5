import { useQuery } from "@tanstack/react-query";
import { versionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import type { Column } from "@/components/data-table";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CapabilitySigns, ExportBadges } from "./plugin-signs";
import { useActivation } from "./use-activation";
import { isBack, VersionDialog } from "./version-dialog";

/** Every version that is kept, the newest first; one of them is called, and any other can be. */
export function Versions({ plugin }: { plugin: Plugin }) {
  const versions = useQuery(versionsQuery(plugin.id));
  const activation = useActivation(plugin);

  const columns: Column<Plugin>[] = [
    {
      id: "version",
      header: t("versions.version"),
      cell: ({ version }) => (
        <span className="flex items-center gap-2 font-medium tabular-nums">
          {version}
          {version === plugin.version && <Badge tone="success">{t("versions.current")}</Badge>}
        </span>
      ),
      className: "w-32",
      skeleton: "w-16",
      card: "title",
    },
    {
      id: "hooks",
      header: t("plugins.column.hooks"),
      cell: ({ exports }) => <ExportBadges exports={exports} />,
      skeleton: "w-28",
      card: "line",
    },
    {
      id: "capabilities",
      header: t("plugins.column.capabilities"),
      cell: ({ capabilities }) => <CapabilitySigns capabilities={capabilities} />,
      skeleton: "w-32",
      card: "line",
    },
    {
      id: "size",
      header: t("plugins.column.size"),
      cell: ({ size }) => formatBytes(size),
      className: "w-28 text-ink-soft",
      skeleton: "w-12",
      card: "line",
    },
    {
      id: "created",
      header: t("plugins.column.created"),
      cell: ({ created }) => <Moment value={created} />,
      className: "w-36 whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (version) =>
        version.version !== plugin.version && (
          <Button size="sm" onClick={() => activation.ask(version)}>
            {isBack(plugin, version) ? t("versions.rollBack") : t("versions.activate")}
          </Button>
        ),
      className: "w-32 text-right",
      skeleton: "w-16",
      card: "aside",
    },
  ];

  return (
    <ListSection
      title={t("versions.title")}
      text={t("versions.text")}
      query={versions}
      columns={columns}
      rowKey={({ version }) => version}
      usually={1}
    >
      <VersionDialog {...activation.dialog} />
    </ListSection>
  );
}
