import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Cable, Plus, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import { attachmentsQuery, collectionsQuery, detachPlugin, keys } from "@/api/queries";
import type { Attachment, Plugin } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { formatList, formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { Tooltip } from "@/ui/tooltip";
import { AttachDialog } from "./attach-dialog";
import { AttachmentSheet } from "./attachment-sheet";
import { attachableHooks, canFailTheWrite } from "./hooks";
import { HookBadges } from "./plugin-signs";

interface AttachmentsProps {
  plugin: Plugin;
  /** The name of a collection by name or id, because the API takes both. */
  collectionName: (reference: string) => string;
}

/** Where a plugin runs, with the ways to add and to remove a place. */
export function Attachments({ plugin, collectionName }: AttachmentsProps) {
  const queryClient = useQueryClient();
  const [attaching, setAttaching] = useState(false);
  const [leaving, setLeaving] = useState<Attachment | null>(null);
  const [editing, setEditing] = useState<Attachment | null>(null);
  const collections = useQuery(collectionsQuery());

  const attachments = useQuery(attachmentsQuery(plugin.id));

  const detach = useMutation({
    mutationFn: (attachment: Attachment) => detachPlugin(plugin.id, attachment.id),
    onSuccess: async (_, { collection }) => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      setLeaving(null);
      toast.success(
        t("attachments.removed", { plugin: plugin.name, collection: collectionName(collection) }),
      );
    },
  });

  const askToDetach = (attachment: Attachment) => {
    detach.reset();
    setLeaving(attachment);
  };

  const canAttach = attachableHooks(plugin.exports).length > 0;
  const columns = attachmentColumns(collectionName, setEditing, askToDetach);
  return (
    <Section
      title={t("attachments.title")}
      description={t("attachments.text")}
      actions={
        canAttach && (
          <Button variant="primary" onClick={() => setAttaching(true)}>
            <Plus aria-hidden />
            {t("attachments.add")}
          </Button>
        )
      }
    >
      <QueryView
        query={attachments}
        label={t("attachments.title")}
        skeleton={<DataTableSkeleton columns={columns} rows={2} />}
      >
        {(all) =>
          all.length > 0 ? (
            <DataTable
              label={t("attachments.title")}
              columns={columns}
              rows={[...all].sort((a, b) => a.order - b.order)}
              rowKey={(attachment) => attachment.id}
            />
          ) : (
            <Notice icon={Cable} title={t("attachments.empty.title")} className="py-8">
              {t("attachments.empty.text")}
            </Notice>
          )
        }
      </QueryView>
      <AttachmentSheet
        plugin={plugin}
        attachment={editing}
        collection={collections.data?.find(({ id, name }) => [id, name].includes(editing?.collection ?? ""))}
        onClose={() => setEditing(null)}
      />
      <AttachDialog plugin={plugin} open={attaching} onClose={() => setAttaching(false)} />
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("attachments.removeTitle", {
          plugin: plugin.name,
          collection: leaving ? collectionName(leaving.collection) : "",
        })}
        description={t("attachments.removeText")}
        confirm={t("attachments.removeConfirm")}
        onConfirm={() => leaving && detach.mutate(leaving)}
        pending={detach.isPending}
        error={detach.error}
      />
    </Section>
  );
}

function attachmentColumns(
  collectionName: (reference: string) => string,
  onEdit: (attachment: Attachment) => void,
  onRemove: (attachment: Attachment) => void,
): Column<Attachment>[] {
  return [
    {
      id: "collection",
      header: t("attachments.column.collection"),
      cell: (attachment) => (
        <Place attachment={attachment} collection={collectionName(attachment.collection)} />
      ),
      skeleton: "w-28",
      card: "title",
    },
    {
      id: "hooks",
      header: t("attachments.column.hooks"),
      cell: ({ hooks }) => <HookBadges hooks={hooks} />,
      skeleton: "w-32",
      card: "line",
    },
    {
      id: "order",
      header: t("attachments.column.order"),
      cell: ({ order, collection }) => (
        <Link
          {...paths.pluginsPart("order", collectionName(collection))}
          title={t("attachments.orderOf", { collection: collectionName(collection) })}
          className="inline-flex min-h-6 min-w-6 items-center tabular-nums underline decoration-line-strong underline-offset-4 hover:decoration-accent"
        >
          {order}
        </Link>
      ),
      className: "w-20",
      skeleton: "w-6",
      card: "line",
    },
    {
      id: "failure",
      header: t("attachments.column.failure"),
      cell: (attachment) => <Failure attachment={attachment} />,
      className: "w-40 whitespace-nowrap",
      skeleton: "w-24",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (attachment) => (
        <span className="inline-flex">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("attachments.edit", { collection: collectionName(attachment.collection) })}
            onClick={() => onEdit(attachment)}
          >
            <Settings2 aria-hidden />
          </Button>
          <RemoveButton
            collection={collectionName(attachment.collection)}
            onClick={() => onRemove(attachment)}
          />
        </span>
      ),
      className: "w-24 text-right",
      skeleton: "w-6",
      card: "aside",
    },
  ];
}

function Place({ attachment, collection }: { attachment: Attachment; collection: string }) {
  const notes = attachmentNotes(attachment);
  return (
    <span className="grid gap-0.5">
      <span className="flex flex-wrap items-center gap-2">
        <Link
          {...paths.collection(collection)}
          className="font-medium underline-offset-4 [overflow-wrap:anywhere] hover:underline"
        >
          {collection}
        </Link>
        {!attachment.enabled && <Badge tone="outline">{t("attachments.disabled")}</Badge>}
      </span>
      {notes.length > 0 && (
        <span className="text-ink-soft text-xs [overflow-wrap:anywhere]">{notes.join(" · ")}</span>
      )}
    </span>
  );
}

function Failure({ attachment: { hooks, onFailure } }: { attachment: Attachment }) {
  if (!canFailTheWrite(hooks))
    return <span className="text-ink-soft">{t("attachments.failure.retried")}</span>;
  return onFailure === "open" ? (
    <Badge tone="warning">{t("attachments.failure.open")}</Badge>
  ) : (
    <span className="text-ink-soft">{t("attachments.failure.closed")}</span>
  );
}

/** Limits and fields, where they were narrowed. */
function attachmentNotes({ limits, fields }: Attachment): string[] {
  return [
    limits?.fuel && t("attachments.limit.fuel", { value: limits.fuel }),
    limits?.wallMs && t("attachments.limit.wall", { value: formatMilliseconds(limits.wallMs) }),
    limits?.memoryMb && t("attachments.limit.memory", { value: limits.memoryMb }),
    fields?.read?.length && t("attachments.reads", { fields: formatList(fields.read) }),
    fields?.write?.length && t("attachments.writes", { fields: formatList(fields.write) }),
  ].filter((note) => typeof note === "string");
}

function RemoveButton({ collection, onClick }: { collection: string; onClick: () => void }) {
  const label = t("attachments.remove", { collection });
  return (
    <Tooltip content={label}>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={label}
        onClick={onClick}
        className="hover:bg-danger-soft hover:text-danger"
      >
        <Trash2 aria-hidden />
      </Button>
    </Tooltip>
  );
}
