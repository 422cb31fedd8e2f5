import { Braces, Pencil, Trash2, X } from "lucide-react";
import { useState } from "react";
import type { Collection, RecordData } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { BulkEdit } from "./bulk-edit";
import { copyWithWord } from "./record-menu";

interface BulkBarProps {
  collection: Collection;
  ids: string[];
  rows: RecordData[];
  onUnselect: () => void;
  onDelete: (ids: string[]) => void;
}

/** What can be done with several records at once: a part of the line below the table, so that it hides nothing of it. */
export function BulkBar({ collection, ids, rows, onUnselect, onDelete }: BulkBarProps) {
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);

  const chosen = rows.filter(({ id }) => ids.includes(id));
  return (
    <section
      aria-label={t("records.selection")}
      className="flex max-w-full flex-wrap items-center gap-2 rounded-lg bg-accent-soft py-1 pr-1.5 pl-3"
    >
      <p role="status" className="mr-2 font-medium text-sm tabular-nums">
        {t("records.selected", { count: ids.length })}
      </p>
      <Button size="sm" onClick={() => setEditing(true)}>
        <Pencil aria-hidden />
        {t("bulk.edit")}
      </Button>
      <Button size="sm" onClick={() => void copyWithWord(JSON.stringify(chosen, null, 2))}>
        <Braces aria-hidden />
        {t("records.copyJson")}
      </Button>
      <Button size="sm" variant="danger" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
        {t("action.delete")}
      </Button>
      <Button size="icon-sm" variant="ghost" aria-label={t("records.unselect")} onClick={onUnselect}>
        <X aria-hidden />
      </Button>
      {editing && <BulkEdit collection={collection} ids={ids} onClose={() => setEditing(false)} />}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("records.deleteTitle", { count: ids.length })}
        description={t("records.deleteText")}
        confirm={t("action.delete")}
        onConfirm={() => {
          setAsking(false);
          onDelete(ids);
        }}
      />
    </section>
  );
}
