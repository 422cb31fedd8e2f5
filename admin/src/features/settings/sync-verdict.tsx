import type { SyncVerification } from "@/api/sync";
import { formatNumber } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Progress } from "@/ui/progress";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/ui/table";

const differences: Record<string, PlainKey> = {
  missing: "sync.missing",
  extra: "sync.extra",
  different: "sync.different",
};

/** How far comparing the copy is, or what it has found. */
export function SyncVerdict({ verify }: { verify: SyncVerification }) {
  const { state, rows, total, differences: count, found, problem } = verify;
  if (state === "idle") return null;
  if (state === "running") {
    return (
      <div className="grid gap-2">
        <div className="flex items-baseline justify-between gap-4 text-sm">
          <span role="status" className="font-medium">
            {t("sync.verifying")}
          </span>
          <span className="text-ink-soft tabular-nums">
            {t("sync.verifiedRows", { rows: formatNumber(rows), total: formatNumber(total) })}
          </span>
        </div>
        <Progress share={total > 0 ? Math.min(1, rows / total) : null} label={t("sync.verifying")} />
      </div>
    );
  }
  if (state === "failed") {
    return (
      <Alert tone="danger" title={t("sync.verifyFailed")}>
        <p className="[overflow-wrap:anywhere]">{problem}</p>
      </Alert>
    );
  }
  if (count === 0) {
    return (
      <Alert tone="success" title={t("sync.same")}>
        {t("sync.sameText", { count: rows })}
      </Alert>
    );
  }
  return (
    <Alert tone="warning" title={t("sync.differs", { count })}>
      <p>{t("sync.differsText")}</p>
      <section
        aria-label={t("sync.found")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-64 overflow-auto rounded-md bg-surface text-ink"
      >
        <Table>
          <TableHeader>
            <TableRow>
              <TableHead className="px-2.5">{t("sync.collection")}</TableHead>
              <TableHead className="px-2.5">{t("sync.id")}</TableHead>
              <TableHead className="px-2.5">{t("sync.difference")}</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {found.map(({ collection, id, what }) => (
              <TableRow key={`${collection} ${id}`}>
                <TableCell className="h-9 px-2.5">{collection}</TableCell>
                <TableCell className="h-9 px-2.5 font-mono text-xs">{id}</TableCell>
                <TableCell className="h-9 px-2.5">
                  {differences[what] ? t(differences[what]) : what}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </section>
    </Alert>
  );
}
