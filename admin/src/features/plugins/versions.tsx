import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteVersion } from "@/api/plugin-watch";
import { keys, versionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { Column } from "@/components/data-table";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Canary, CanaryDialog } from "./canary";
import { CapabilitySigns, ExportBadges } from "./plugin-signs";
import { useActivation } from "./use-activation";
import { isBack, VersionDialog } from "./version-dialog";

/** Every version that is kept, the newest first; one of them is called, and any other can be. */
export function Versions({ plugin }: { plugin: Plugin }) {
  const versions = useQuery(versionsQuery(plugin.id));
  const queryClient = useQueryClient();
  const activation = useActivation(plugin);
  const [canaryOf, setCanaryOf] = useState<Plugin | null>(null);
  const [leaving, setLeaving] = useState<Plugin | null>(null);
  const remove = useMutation({
    mutationFn: ({ version }: Plugin) => deleteVersion(plugin.id, version),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      setLeaving(null);
    },
  });

  const columns: Column<Plugin>[] = [
    {
      id: "version",
      header: t("versions.version"),
      cell: ({ version, healthy, withdrawn, approved }) => (
        <span className="flex items-center gap-2 font-medium tabular-nums">
          {version}
          {version === plugin.version && <Badge tone="success">{t("versions.current")}</Badge>}
          {healthy === false && <Badge tone="danger">{t("versions.unhealthy")}</Badge>}
          {withdrawn && <Badge tone="neutral">{t("versions.withdrawn")}</Badge>}
          {approved === false && <Badge tone="warning">{t("plugin.state.waiting")}</Badge>}
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
      className: "w-28 whitespace-nowrap text-ink-soft max-lg:hidden",
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
          <span className="inline-flex flex-wrap justify-end gap-1 sm:flex-nowrap">
            {!isBack(plugin, version) && !plugin.canary && (
              <Button size="sm" variant="ghost" onClick={() => setCanaryOf(version)}>
                {t("canary.offer")}
              </Button>
            )}
            <Button size="sm" onClick={() => activation.ask(version)}>
              {isBack(plugin, version) ? t("versions.rollBack") : t("versions.activate")}
            </Button>
            <Button
              size="icon-sm"
              variant="ghost"
              aria-label={t("versions.delete", { version: version.version })}
              className="hover:bg-danger-soft hover:text-danger"
              onClick={() => {
                remove.reset();
                setLeaving(version);
              }}
            >
              <Trash2 aria-hidden />
            </Button>
          </span>
        ),
      className: "w-64 text-right",
      skeleton: "w-16",
      card: "aside",
    },
  ];

  const promote = (wanted: string) => {
    const version = versions.data?.find((each) => each.version === wanted);
    if (version) activation.ask(version);
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <Canary plugin={plugin} onPromote={promote} />
      <ListSection
        title={t("versions.title")}
        text={t("versions.text")}
        query={versions}
        columns={columns}
        rowKey={({ version }) => version}
        usually={1}
      >
        <VersionDialog {...activation.dialog} />
        <CanaryDialog plugin={plugin} version={canaryOf} onClose={() => setCanaryOf(null)} />
        <ConfirmDialog
          open={leaving !== null}
          onClose={() => setLeaving(null)}
          title={t("versions.deleteTitle", { version: leaving?.version ?? "" })}
          description={t("versions.deleteText")}
          confirm={t("action.delete")}
          onConfirm={() => leaving && remove.mutate(leaving)}
          pending={remove.isPending}
          error={remove.error}
        />
      </ListSection>
    </div>
  );
}
