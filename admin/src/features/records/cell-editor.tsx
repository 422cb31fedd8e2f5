import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import { saveRecord } from "@/api/records";
import type { Field, RecordData } from "@/api/types";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { FieldError } from "@/ui/field";
import { Popover, PopoverOver } from "@/ui/popover";
import { toast } from "@/ui/toast";
import { cellKeyAction } from "./cell-keys";
import { editorOf } from "./editors";
import { putRecord, saveCell } from "./save-cell";
import { bodyOf, same } from "./use-record-form";

/** Where the table goes on after an edit. */
export type Move = "stay" | "next" | "previous";

interface CellEditorProps {
  collection: string;
  field: Field;
  record: RecordData;
  /** The cell, which the editor covers. */
  anchor: HTMLElement;
  onClose: (move: Move) => void;
}

/** The editor of a kind of field over its cell. Enter and Tab save, Escape does not, a press elsewhere saves too. */
export function CellEditor({ collection, field, record, anchor, onClose }: CellEditorProps) {
  const queryClient = useQueryClient();
  const id = useId();
  const content = useRef<HTMLDivElement>(null);
  const kind = editorOf(field);
  const [initial] = useState(() => kind.fromRecord(record[field.name], field));
  const [draft, setDraft] = useState(initial);
  const [problem, setProblem] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<RecordData | null>(null);

  const save = useMutation({
    mutationFn: async ({ overwrite }: { move: Move; overwrite: boolean }) => {
      const built = bodyOf([field], { [field.name]: draft });
      if ("problems" in built) throw new Error(built.problems[field.name]);
      const before = record[field.name];
      return saveCell({ collection, id: record.id, field, before, body: built.body, overwrite });
    },
    onSuccess: (outcome, { move }) => {
      if ("theirs" in outcome) return setTheirs(outcome.theirs);
      putRecord(queryClient, collection, field, outcome.saved);
      toast.success(t("cell.saved", { field: field.name }), {
        id: "cell",
        ...(field.type !== "file" && { action: { label: t("action.undo"), onClick: () => undo.mutate() } }),
      });
      onClose(move);
    },
    onError: (error) => setProblem(problemOf(error, field)),
  });
  const undo = useMutation({
    mutationFn: () => saveRecord(collection, record.id, { [field.name]: record[field.name] }),
    onSuccess: (saved) => putRecord(queryClient, collection, field, saved),
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });

  const commit = (move: Move, overwrite = false) => {
    if (save.isPending) return;
    if (same(draft, initial) && !hasFiles(draft)) return onClose(move);
    setProblem(null);
    save.mutate({ move, overwrite });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const action = content.current && cellKeyAction(event.nativeEvent, content.current, field.type);
    if (!action) return;
    event.preventDefault();
    commit(action);
  };

  const { Editor } = kind;
  const control = {
    id: `${id}-control`,
    "aria-invalid": problem ? (true as const) : undefined,
    "aria-describedby": problem ? `${id}-problem` : undefined,
  };
  return (
    <Popover open onOpenChange={(open) => !open && onClose("stay")}>
      <PopoverOver
        ref={content}
        anchor={anchor}
        aria-label={t("cell.edit", { field: field.name })}
        onKeyDown={onKeyDown}
        onOpenAutoFocus={(event) => {
          const first = content.current?.querySelector<HTMLElement>("input, textarea, select, button");
          event.preventDefault();
          first?.focus();
          if (first instanceof HTMLInputElement) first.select();
        }}
        onCloseAutoFocus={(event) => event.preventDefault()}
        onInteractOutside={(event) => {
          event.preventDefault();
          commit("stay");
        }}
      >
        <label htmlFor={control.id} className="sr-only">
          {field.name}
        </label>
        <div className="max-h-[50dvh] overflow-y-auto p-0.5">
          <Editor
            field={field}
            draft={draft}
            onChange={setDraft}
            control={control}
            collection={collection}
            record={record}
          />
        </div>
        {problem && <FieldError id={`${id}-problem`}>{problem}</FieldError>}
        {theirs && (
          <Theirs
            field={field}
            collection={collection}
            record={theirs}
            onKeep={() => {
              putRecord(queryClient, collection, field, { record: theirs, etag: null });
              onClose("stay");
            }}
            onOverwrite={() => commit("stay", true)}
          />
        )}
        <footer className="flex items-center justify-end gap-2">
          <p className="mr-auto text-ink-soft text-xs max-sm:hidden">{t("cell.keys")}</p>
          <Button size="sm" variant="ghost" onClick={() => onClose("stay")}>
            {t("action.cancel")}
          </Button>
          <Button size="sm" variant="primary" pending={save.isPending} onClick={() => commit("stay")}>
            {t("action.save")}
          </Button>
        </footer>
      </PopoverOver>
    </Popover>
  );
}

interface TheirsProps {
  field: Field;
  collection: string;
  record: RecordData;
  onKeep: () => void;
  onOverwrite: () => void;
}

/** Somebody else has changed the same field since the table was read. */
function Theirs({ field, collection, record, onKeep, onOverwrite }: TheirsProps) {
  const { Cell } = editorOf(field);
  return (
    <Alert
      tone="warning"
      title={t("cell.conflict")}
      actions={
        <>
          <Button size="sm" onClick={onKeep}>
            {t("cell.keepTheirs")}
          </Button>
          <Button size="sm" onClick={onOverwrite}>
            {t("cell.overwrite")}
          </Button>
        </>
      }
    >
      <Cell field={field} value={record[field.name]} collection={collection} record={record} />
    </Alert>
  );
}

function problemOf(error: Error, field: Field): string {
  const { fields } = toApiError(error);
  const key = Object.keys(fields).find((name) => name === field.name || name.startsWith(`${field.name}.`));
  const said = key && fields[key]?.message;
  return said || describeError(error).text || error.message;
}

/** Files have nothing to compare, but a new one is a change. */
function hasFiles(draft: unknown): boolean {
  const added = (draft as { added?: unknown } | null)?.added;
  return Array.isArray(added) && added.length > 0;
}
