import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Braces, Pencil, Trash2, X } from "lucide-react";
import { useState } from "react";
import { keys } from "@/api/queries";
import { deleteRecord } from "@/api/records";
import type { Collection, RecordData } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { BulkEdit } from "./bulk-edit";
import { copyWithWord } from "./record-menu";

/** Requests at a time: the server takes them one after the other anyway. */
const lanes = 4;

interface BulkBarProps {
  collection: Collection;
  ids: string[];
  rows: RecordData[];
  /** The ids that stay selected: none, or those that could not be deleted. */
  onDone: (left: string[]) => void;
}

/** What can be done with several records at once. */
export function BulkBar({ collection, ids, rows, onDone }: BulkBarProps) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);

  const remove = useMutation({
    mutationFn: () => deleteAll(collection.name, ids),
    onSuccess: async (failed) => {
      await queryClient.invalidateQueries({ queryKey: [...keys.records, collection.name] });
      setAsking(false);
      const done = ids.length - failed.length;
      if (done > 0) toast.success(t("records.deleted", { count: done }));
      if (failed.length > 0) {
        toast.error(t("records.deleteFailed", { count: failed.length }), { description: failed[0]?.reason });
      }
      onDone(failed.map(({ id }) => id));
    },
  });

  if (ids.length === 0) return null;
  const chosen = rows.filter(({ id }) => ids.includes(id));
  return (
    <section
      aria-label={t("records.selection")}
      className="sticky bottom-20 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2 pr-2 pl-4 shadow-float sm:bottom-5"
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
      <Button
        size="sm"
        variant="danger"
        onClick={() => {
          remove.reset();
          setAsking(true);
        }}
      >
        <Trash2 aria-hidden />
        {t("action.delete")}
      </Button>
      <Button size="icon-sm" variant="ghost" aria-label={t("records.unselect")} onClick={() => onDone([])}>
        <X aria-hidden />
      </Button>
      {editing && <BulkEdit collection={collection} ids={ids} onClose={() => setEditing(false)} />}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("records.deleteTitle", { count: ids.length })}
        description={t("records.deleteText")}
        confirm={t("action.delete")}
        onConfirm={() => remove.mutate()}
        pending={remove.isPending}
        error={remove.error}
      />
    </section>
  );
}

interface Failed {
  id: string;
  reason: string;
}

/** Goes on after a failure, and says what failed. */
async function deleteAll(collection: string, ids: string[]): Promise<Failed[]> {
  const waiting = [...ids];
  const failed: Failed[] = [];
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await deleteRecord(collection, id);
      } catch (error) {
        failed.push({ id, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return failed;
}
