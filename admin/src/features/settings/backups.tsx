import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArchiveRestore, DatabaseBackup, Download, Plus, ShieldCheck, Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import {
  type Backup,
  type BackupReport,
  backupAddress,
  backupStatusQuery,
  backupsKey,
  backupsQuery,
  createBackup,
  deleteBackup,
  restoreBackup,
  uploadBackup,
  verifyBackup,
} from "@/api/backups";
import { toApiError } from "@/api/errors";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { Column } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { Notice } from "@/components/query-view";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { BackupProgress } from "./backup-progress";
import { BackupVerdict } from "./backup-verdict";

const pauseMs = 2000;

/** The backups there are, and everything that can be done with one. */
export function Backups() {
  const queryClient = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [leaving, setLeaving] = useState<Backup | null>(null);
  const [restoring, setRestoring] = useState<Backup | null>(null);
  const [verdict, setVerdict] = useState<{ backup: Backup; report: BackupReport } | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const backups = useQuery(backupsQuery());
  const refresh = () => queryClient.invalidateQueries({ queryKey: backupsKey });

  const create = useMutation({
    mutationFn: () => createBackup(""),
    onSuccess: () => toast.success(t("backups.made")),
    onSettled: refresh,
  });
  const bring = useMutation({
    mutationFn: (file: File) => uploadBackup(file, { onProgress: setShare }),
    onSuccess: (_, { name }) => toast.success(t("backups.brought", { name })),
    onSettled: async () => {
      setShare(null);
      await refresh();
    },
  });
  const verify = useMutation({
    mutationFn: ({ key }: Backup) => verifyBackup(key),
    onSuccess: (report, backup) => setVerdict({ backup, report }),
  });
  const fetchIt = useMutation({
    mutationFn: ({ key }: Backup) => backupAddress(key),
    onSuccess: (address) => window.location.assign(address),
  });
  const remove = useMutation({
    mutationFn: ({ key }: Backup) => deleteBackup(key),
    onSuccess: async () => {
      await refresh();
      setLeaving(null);
    },
  });
  const restore = useMutation({
    mutationFn: ({ key }: Backup) => restoreBackup(key),
    onSuccess: () => {
      setRestoring(null);
      toast.success(t("backups.restored"), { description: t("backups.restoredText") });
    },
  });

  // Asked often only while something is done that takes its time.
  const busy = create.isPending || verify.isPending || restore.isPending;
  const status = useQuery({ ...backupStatusQuery(), refetchInterval: busy ? pauseMs : false });
  const columns = backupColumns({
    verifying: verify.isPending ? verify.variables.key : null,
    onVerify: (backup) => verify.mutate(backup),
    onFetch: (backup) => fetchIt.mutate(backup),
    onRestore: (backup) => {
      restore.reset();
      setRestoring(backup);
    },
    onDelete: (backup) => {
      remove.reset();
      setLeaving(backup);
    },
  });

  return (
    <ListSection
      title={t("backups.title")}
      text={t("backups.text")}
      actions={
        <div className="flex flex-wrap gap-2">
          <input
            ref={input}
            type="file"
            accept=".zip,application/zip"
            aria-label={t("backups.file")}
            tabIndex={-1}
            className="sr-only"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file) bring.mutate(file);
              event.target.value = "";
            }}
          />
          <Button pending={bring.isPending} onClick={() => input.current?.click()}>
            {!bring.isPending && <Upload aria-hidden />}
            {t("backups.upload")}
          </Button>
          <Button variant="primary" pending={create.isPending} onClick={() => create.mutate()}>
            {!create.isPending && <Plus aria-hidden />}
            {t("backups.create")}
          </Button>
        </div>
      }
      query={backups}
      columns={columns}
      rowKey={({ key }) => key}
      usually={3}
      empty={
        <Notice icon={DatabaseBackup} title={t("backups.empty.title")} className="py-8">
          {t("backups.empty.text")}
        </Notice>
      }
    >
      {/* In its place, and not over the bar that saves the schedule. */}
      <Refusal error={create.error ?? bring.error ?? verify.error ?? fetchIt.error} />
      <BackupProgress share={share} status={status.data} active={busy} />
      <BackupVerdict verdict={verdict} onClose={() => setVerdict(null)} />
      <ConfirmDialog
        open={restoring !== null}
        onClose={() => setRestoring(null)}
        title={t("backups.restoreTitle", { name: restoring?.key ?? "" })}
        description={t("backups.restoreText")}
        confirm={t("backups.restore")}
        typed={restoring?.key}
        onConfirm={() => restoring && restore.mutate(restoring)}
        pending={restore.isPending}
        error={restore.error}
      />
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("backups.deleteTitle", { name: leaving?.key ?? "" })}
        description={t("backups.deleteText")}
        confirm={t("action.delete")}
        onConfirm={() => leaving && remove.mutate(leaving)}
        pending={remove.isPending}
        error={remove.error}
      />
    </ListSection>
  );
}

function Refusal({ error }: { error: Error | null }) {
  if (!error) return null;
  const said = Object.values(toApiError(error).fields)[0]?.message;
  return (
    <Alert tone="danger" title={describeError(error).title}>
      {said ?? describeError(error).text}
    </Alert>
  );
}

interface RowActions {
  /** The key of the one that is being read. */
  verifying: string | null;
  onVerify: (backup: Backup) => void;
  onFetch: (backup: Backup) => void;
  onRestore: (backup: Backup) => void;
  onDelete: (backup: Backup) => void;
}

function backupColumns({ verifying, onVerify, onFetch, onRestore, onDelete }: RowActions): Column<Backup>[] {
  return [
    {
      id: "key",
      header: t("backups.name"),
      cell: ({ key }) => <span className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{key}</span>,
      skeleton: "w-56",
      card: "title",
    },
    {
      id: "size",
      header: t("plugins.column.size"),
      cell: ({ size }) => <span className="tabular-nums">{formatBytes(size)}</span>,
      className: "w-24 text-ink-soft",
      skeleton: "w-12",
      card: "line",
    },
    {
      id: "modified",
      header: t("backups.when"),
      cell: ({ modified }) => <Moment value={modified} />,
      className: "w-32 whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (backup) => (
        <span className="inline-flex gap-1">
          <Button
            size="icon-sm"
            variant="ghost"
            pending={verifying === backup.key}
            disabled={verifying !== null}
            aria-label={t("backups.verifyOf", { name: backup.key })}
            title={t("backups.verify")}
            onClick={() => onVerify(backup)}
          >
            {verifying !== backup.key && <ShieldCheck aria-hidden />}
          </Button>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("backups.downloadOf", { name: backup.key })}
            title={t("backups.download")}
            onClick={() => onFetch(backup)}
          >
            <Download aria-hidden />
          </Button>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("backups.restoreOf", { name: backup.key })}
            title={t("backups.restore")}
            onClick={() => onRestore(backup)}
          >
            <ArchiveRestore aria-hidden />
          </Button>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("backups.deleteOf", { name: backup.key })}
            title={t("action.delete")}
            className="hover:bg-danger-soft hover:text-danger"
            onClick={() => onDelete(backup)}
          >
            <Trash2 aria-hidden />
          </Button>
        </span>
      ),
      className: "w-44 whitespace-nowrap text-right",
      skeleton: "w-24",
      card: "line",
    },
  ];
}
