import type { BackupStatus } from "@/api/backups";
import { formatBytes } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Card } from "@/ui/card";
import { Progress } from "@/ui/progress";

interface BackupProgressProps {
  /** Of a file that is on its way, from 0 to 1. */
  share: number | null;
  status: BackupStatus | undefined;
  /** Something is being done for this page. */
  active: boolean;
}

const actions: Record<string, PlainKey> = {
  create: "backups.doing.create",
  verify: "backups.doing.verify",
  restore: "backups.doing.restore",
};

/** How far what is being done is; and what went wrong last, while nothing is. */
export function BackupProgress({ share, status, active }: BackupProgressProps) {
  if (share !== null) {
    const title = t("backups.doing.upload");
    return <Bar title={title} share={share < 1 ? share : null} text="" />;
  }
  const running = status?.running;
  if (running) {
    const { action, doneBytes, totalBytes, step } = running;
    const title = actions[action] ? t(actions[action]) : action;
    const text =
      totalBytes > 0
        ? t("backups.bytes", { done: formatBytes(doneBytes), total: formatBytes(totalBytes) })
        : step;
    return (
      <Bar title={title} share={totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : null} text={text} />
    );
  }
  const last = status?.last;
  if (active || !last || last.outcome === "done") return null;
  return (
    <Alert tone="warning" title={t("backups.lastFailed", { name: last.key })}>
      {last.detail ?? last.outcome}
    </Alert>
  );
}

function Bar({ title, share, text }: { title: string; share: number | null; text: string }) {
  return (
    <Card className="grid gap-2 px-4 py-3">
      <div className="flex items-baseline justify-between gap-4 text-sm">
        <span role="status" className="font-medium">
          {title}
        </span>
        <span className="text-ink-soft tabular-nums">{text}</span>
      </div>
      <Progress share={share} label={title} />
    </Card>
  );
}
