import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import type { Collection, Field as FieldDefinition } from "@/api/types";
import { describeError } from "@/components/describe-error";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field, Fieldset } from "@/ui/field";
import { Progress } from "@/ui/progress";
import { Select } from "@/ui/select";
import { toast } from "@/ui/toast";
import { type Before, bulkFields, changeAll, changeBack } from "./bulk";
import { editorOf } from "./editors";

interface BulkEditProps {
  collection: Collection;
  ids: string[];
  onClose: () => void;
}

/** Long enough to see what has been done to so many records. */
const undoMs = 15_000;

/** One field of all selected records is given the same value. */
export function BulkEdit({ collection, ids, onClose }: BulkEditProps) {
  const queryClient = useQueryClient();
  const fields = bulkFields(collection);
  const [field, setField] = useState<FieldDefinition | undefined>(fields[0]);
  const [draft, setDraft] = useState<unknown>(() => fields[0] && empty(fields[0]));
  const [problem, setProblem] = useState<string>();
  const [share, setShare] = useState<number | null>(null);

  const refresh = () => queryClient.invalidateQueries({ queryKey: [...keys.records, collection.name] });
  const undo = useMutation({
    mutationFn: ({ name, before }: { name: string; before: Before }) =>
      changeBack(collection.name, name, before),
    onSuccess: () => toast.success(t("bulk.undone")),
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
    onSettled: refresh,
  });
  const change = useMutation({
    mutationFn: ({ name, value }: { name: string; value: unknown }) =>
      changeAll(collection.name, ids, name, value, setShare),
    onSuccess: async ({ before, error }, { name }) => {
      await refresh();
      if (before.size > 0) {
        toast.success(t("bulk.done", { count: before.size }), {
          durationMs: undoMs,
          action: { label: t("action.undo"), onClick: () => undo.mutate({ name, before }) },
        });
      }
      if (!error) return onClose();
      setProblem(messageOf(error));
    },
    onSettled: () => setShare(null),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (!field || change.isPending) return;
    const wire = editorOf(field).toWire(draft, field);
    if ("problem" in wire) return setProblem(wire.problem);
    if (!("value" in wire)) return;
    setProblem(undefined);
    change.mutate({ name: field.name, value: wire.value });
  };
  const failed = change.data?.error instanceof ApiError && !problem ? change.data.error : null;

  return (
    <Dialog open onOpenChange={(open) => !open && !change.isPending && onClose()}>
      <DialogContent
        title={t("bulk.title", { count: ids.length })}
        description={t("bulk.text")}
        closeLabel={t("action.close")}
      >
        <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
          <DialogBody className="grid content-start gap-5">
            <FormAlert error={failed} fields={[]} />
            <Field label={t("bulk.field")}>
              {(control) => (
                <Select
                  {...control}
                  value={field?.name ?? ""}
                  onChange={(event) => {
                    const next = fields.find(({ name }) => name === event.target.value);
                    setField(next);
                    setDraft(next && empty(next));
                    setProblem(undefined);
                  }}
                >
                  {fields.map(({ id, name }) => (
                    <option key={id} value={name}>
                      {name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {field && (
              <ValueField
                key={field.id}
                field={field}
                collection={collection.name}
                draft={draft}
                problem={problem}
                onChange={setDraft}
              />
            )}
            {change.data?.error && change.data.before.size > 0 && (
              <Alert tone="warning" title={t("bulk.partly", { count: change.data.before.size })} />
            )}
          </DialogBody>
          {share !== null && <Progress share={share} label={t("bulk.progress")} className="rounded-none" />}
          <DialogFooter>
            <Button disabled={change.isPending} onClick={onClose}>
              {t("action.cancel")}
            </Button>
            <Button type="submit" variant="primary" pending={change.isPending} disabled={!field}>
              {t("bulk.submit", { count: ids.length })}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

interface ValueFieldProps {
  field: FieldDefinition;
  collection: string;
  draft: unknown;
  problem: string | undefined;
  onChange: (draft: unknown) => void;
}

function ValueField({ field, collection, draft, problem, onChange }: ValueFieldProps) {
  const { Editor, group } = editorOf(field);
  const shared = { field, draft, onChange, collection, record: null };
  if (!group) {
    return (
      <Field label={t("bulk.value")} error={problem}>
        {(control) => <Editor {...shared} control={control} />}
      </Field>
    );
  }
  const control = { id: `bulk-${field.id}`, "aria-invalid": undefined, "aria-describedby": undefined };
  return (
    <Fieldset legend={t("bulk.value")} error={problem}>
      <Editor {...shared} control={control} />
    </Fieldset>
  );
}

const empty = (field: FieldDefinition) => editorOf(field).fromRecord(undefined, field);

/** The server names the record and the field: `records.ID.FIELD`. */
function messageOf(error: Error): string | undefined {
  const [first] = error instanceof ApiError ? Object.entries(error.fields) : [];
  if (!first) return undefined;
  const [, id] = first[0].split(".");
  return id ? t("bulk.problem", { id, message: first[1].message }) : first[1].message;
}
