import { Database } from "lucide-react";
import { copiedShare, type SyncedCollection } from "@/api/sync";
import { Notice } from "@/components/query-view";
import { formatNumber } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Progress } from "@/ui/progress";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/ui/table";

const states: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  waiting: { label: "sync.waiting", tone: "neutral" },
  copying: { label: "sync.copying", tone: "accent" },
  following: { label: "sync.following", tone: "success" },
  blocked: { label: "sync.blocked", tone: "danger" },
};

/** Each collection of the copy, with how many rows it has there. */
export function SyncCollections({ collections }: { collections: SyncedCollection[] }) {
  if (collections.length === 0) {
    return (
      <Notice icon={Database} title={t("sync.empty")} className="py-8">
        {t("sync.stateText")}
      </Notice>
    );
  }
  return (
    <Card className="overflow-hidden">
      <Table aria-label={t("sync.collections")}>
        <TableHeader>
          <TableRow>
            <TableHead>{t("sync.collection")}</TableHead>
            <TableHead>{t("sync.state")}</TableHead>
            <TableHead className="text-right">{t("sync.rows")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {collections.map((collection) => (
            <Row key={collection.id} collection={collection} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function Row({ collection }: { collection: SyncedCollection }) {
  const { name, state, rows, copied, total } = collection;
  const known = states[state];
  return (
    <TableRow>
      <TableCell className="font-medium">{name}</TableCell>
      <TableCell>
        <div className="grid min-w-32 gap-1.5">
          <Badge tone={known?.tone ?? "outline"}>{known ? t(known.label) : state}</Badge>
          {state === "blocked" && <span className="text-ink-soft text-xs">{t("sync.blockedText")}</span>}
          {state === "copying" && (
            <>
              <Progress share={copiedShare(collection)} label={t("sync.copyingOf", { name })} />
              <span className="text-ink-soft text-xs tabular-nums">
                {t("sync.progress", { copied: formatNumber(copied), total: formatNumber(total) })}
              </span>
            </>
          )}
        </div>
      </TableCell>
      <TableCell className="whitespace-nowrap text-right tabular-nums">{formatNumber(rows)}</TableCell>
    </TableRow>
  );
}
