import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Pencil, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { type ApiKey, apiKeysKey, apiKeysQuery, revokeKey, type ToldKey } from "@/api/keys";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { Column } from "@/components/data-table";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { Notice } from "@/components/query-view";
import { parseMoment } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { RotateDialog, ToldDialog } from "./key-dialogs";
import { KeyForm } from "./key-form";

type Open = { what: "form"; entry: ApiKey | null } | { what: "rotate" | "revoke"; entry: ApiKey };

const scopesShown = 4;

/** Keys for programs: made, looked at, exchanged and taken away. */
export function ApiKeys() {
  const queryClient = useQueryClient();
  const keys = useQuery(apiKeysQuery());
  const [open, setOpen] = useState<Open | null>(null);
  const [told, setTold] = useState<ToldKey | null>(null);
  const close = () => setOpen(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: apiKeysKey });
  const tell = (key: ToldKey) => {
    close();
    setTold(key);
    void refresh();
  };
  const revoke = useMutation({
    mutationFn: ({ id }: ApiKey) => revokeKey(id),
    onSuccess: async (_, { name }) => {
      close();
      toast.success(t("apiKeys.revoked", { name }));
      await refresh();
    },
  });
  const add = () => setOpen({ what: "form", entry: null });

  const columns: Column<ApiKey>[] = [
    {
      id: "name",
      header: t("apiKeys.name"),
      cell: (entry) => <NameCell entry={entry} />,
      skeleton: "w-32",
      card: "title",
    },
    {
      id: "scopes",
      header: t("apiKeys.scopes"),
      cell: ({ scopes }) => (
        <span className="flex flex-wrap justify-end gap-1 sm:justify-start">
          {scopes.slice(0, scopesShown).map((scope) => (
            <Badge key={scope} tone="outline">
              {scope}
            </Badge>
          ))}
          {scopes.length > scopesShown && (
            <Badge tone="outline">{t("apiKeys.more", { count: scopes.length - scopesShown })}</Badge>
          )}
        </span>
      ),
      skeleton: "w-40",
      card: "line",
    },
    {
      id: "used",
      header: t("apiKeys.lastUsed"),
      cell: ({ lastUsed }) => (lastUsed ? <Moment value={lastUsed} /> : t("apiKeys.never")),
      className: "whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "expires",
      header: t("apiKeys.expires"),
      cell: ({ expires }) => (expires ? <Moment value={expires} /> : t("apiKeys.noEnd")),
      className: "whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (entry) => (
        <span className="inline-flex">
          {(
            [
              ["form", Pencil, "apiKeys.edit"],
              ["rotate", RefreshCw, "apiKeys.rotateOf"],
              ["revoke", Trash2, "apiKeys.revokeOf"],
            ] as const
          ).map(([what, Icon, label]) => (
            <Button
              key={what}
              variant="ghost"
              size="icon-sm"
              aria-label={t(label, { name: entry.name })}
              title={t(label, { name: entry.name })}
              onClick={() => {
                revoke.reset();
                setOpen({ what, entry });
              }}
            >
              <Icon aria-hidden />
            </Button>
          ))}
        </span>
      ),
      className: "w-28 whitespace-nowrap text-right",
      skeleton: "w-16",
      card: "aside",
    },
  ];

  return (
    <ListSection
      title={t("apiKeys.title")}
      text={t("apiKeys.text")}
      actions={
        <Button variant="primary" onClick={add}>
          <Plus aria-hidden />
          {t("apiKeys.add")}
        </Button>
      }
      query={keys}
      columns={columns}
      rowKey={({ id }) => id}
      usually={2}
      empty={
        <Notice icon={KeyRound} title={t("apiKeys.empty")}>
          {t("apiKeys.emptyText")}
        </Notice>
      }
    >
      {open?.what === "form" && (
        <KeyForm
          entry={open.entry}
          onClose={close}
          onMade={tell}
          onChanged={() => {
            close();
            void refresh();
          }}
        />
      )}
      {open?.what === "rotate" && <RotateDialog entry={open.entry} onClose={close} onRotated={tell} />}
      <ConfirmDialog
        open={open?.what === "revoke"}
        onClose={close}
        title={t("apiKeys.revokeTitle", { name: open?.entry?.name ?? "" })}
        description={t("apiKeys.revokeText")}
        confirm={t("apiKeys.revoke")}
        onConfirm={() => open?.entry && revoke.mutate(open.entry)}
        pending={revoke.isPending}
        error={revoke.error}
      />
      {told && <ToldDialog told={told} onClose={() => setTold(null)} />}
    </ListSection>
  );
}

function NameCell({ entry: { name, readOnly, ips, expires, oldKeyUntil } }: { entry: ApiKey }) {
  const end = parseMoment(expires);
  const old = parseMoment(oldKeyUntil);
  const now = new Date();
  return (
    <span className="grid gap-0.5">
      <span className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
        {name}
        {readOnly && <Badge>{t("apiKeys.readOnly")}</Badge>}
        {end && end < now && <Badge tone="danger">{t("apiKeys.expired")}</Badge>}
        {old && old > now && <Badge tone="warning">{t("apiKeys.oldGood")}</Badge>}
      </span>
      {ips.length > 0 && <span className="font-mono text-ink-soft text-xs">{ips.join(", ")}</span>}
    </span>
  );
}
