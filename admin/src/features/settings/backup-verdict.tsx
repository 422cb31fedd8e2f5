import type { Backup, BackupReport } from "@/api/backups";
import { formatBytes, formatNumber } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";

interface BackupVerdictProps {
  verdict: { backup: Backup; report: BackupReport } | null;
  onClose: () => void;
}

/** What reading all of a backup has found. */
export function BackupVerdict({ verdict, onClose }: BackupVerdictProps) {
  return (
    <Dialog open={verdict !== null} onOpenChange={(open) => !open && onClose()}>
      {verdict && (
        <DialogContent
          title={t("backups.verdict")}
          description={<span className="font-mono [overflow-wrap:anywhere]">{verdict.backup.key}</span>}
          closeLabel={t("action.close")}
        >
          <DialogBody className="grid content-start gap-4">
            <Verdict report={verdict.report} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>{t("action.close")}</Button>
          </DialogFooter>
        </DialogContent>
      )}
    </Dialog>
  );
}

function Verdict({ report }: { report: BackupReport }) {
  const { valid, problem, code, appName, tinybase, entries, bytes, filesElsewhere = 0 } = report;
  if (!valid) {
    return (
      <Alert tone="danger" title={t("backups.invalid")}>
        <p>{problem}</p>
        <code className="font-mono text-xs">{code}</code>
      </Alert>
    );
  }
  const facts = [
    [t("settings.meta"), appName],
    [t("plugin.version", { version: "" }).trim(), tinybase],
    [t("backups.entries"), entries === undefined ? undefined : formatNumber(entries)],
    [t("backups.unpacked"), bytes === undefined ? undefined : formatBytes(bytes)],
  ].filter((fact) => fact[1] !== undefined);
  return (
    <>
      <Alert tone="success" title={t("backups.valid")}>
        {t("backups.validText")}
      </Alert>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-soft">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {filesElsewhere > 0 && (
        <Alert tone="warning" title={t("backups.elsewhere", { count: filesElsewhere })}>
          {t("backups.elsewhereText")}
        </Alert>
      )}
    </>
  );
}
