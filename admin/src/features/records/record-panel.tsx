import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, toApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import { type RecordBody, recordQuery, saveRecord } from "@/api/records";
import type { Collection, RecordData } from "@/api/types";
import { Code } from "@/components/code";
import { FormAlert } from "@/components/form-alert";
import { presentation } from "@/components/presentation";
import { QueryView } from "@/components/query-view";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Progress } from "@/ui/progress";
import { Sheet, SheetContent } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { RecordFields } from "./record-fields";
import { RecordMenu } from "./record-menu";
import { useRecordForm } from "./use-record-form";

interface RecordPanelProps {
  collection: Collection;
  /** The id of a record, `new`, or nothing while the panel is closed. */
  target: string | undefined;
  onClose: () => void;
  onSaved: () => void;
}

/** One record beside the table: looked at, changed, or made. */
export function RecordPanel({ collection, target, onClose, onSaved }: RecordPanelProps) {
  const isNew = target === "new";
  const query = useQuery({
    ...recordQuery(collection.name, target ?? ""),
    enabled: target !== undefined && !isNew,
  });
  const record = isNew ? null : query.data;
  const readOnly = collection.type === "view";

  return (
    <Sheet open={target !== undefined} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={isNew ? t("record.new", { collection: collection.name }) : title(record, collection)}
        description={target !== undefined && !isNew && <Code>{target}</Code>}
        actions={record && <RecordMenu collection={collection} record={record} onDeleted={onSaved} />}
        closeLabel={t("action.close")}
        onInteractOutside={(event) => {
          // A toast is outside of every panel, and pressing it closes none.
          if (event.target instanceof Element && event.target.closest("[data-sonner-toaster]")) {
            event.preventDefault();
          }
        }}
      >
        {isNew ? (
          <RecordForm key="new" collection={collection} record={null} onClose={onClose} onSaved={onSaved} />
        ) : (
          <div className="contents">
            {query.data ? (
              <RecordForm
                key={query.data.id}
                collection={collection}
                record={query.data}
                readOnly={readOnly}
                onClose={onClose}
                onSaved={onSaved}
              />
            ) : (
              <div className="p-4 sm:p-6">
                <QueryView query={query} label={t("record.title")} skeleton={<FormSkeleton />}>
                  {() => null}
                </QueryView>
              </div>
            )}
          </div>
        )}
      </SheetContent>
    </Sheet>
  );
}

function title(record: RecordData | null | undefined, collection: Collection): string {
  return record ? presentation(record, collection) : t("record.title");
}

interface RecordFormProps {
  collection: Collection;
  record: RecordData | null;
  readOnly?: boolean;
  onClose: () => void;
  onSaved: () => void;
}

function RecordForm({ collection, record, readOnly = false, onClose, onSaved }: RecordFormProps) {
  const queryClient = useQueryClient();
  const form = useRecordForm(collection, record);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [share, setShare] = useState<number | null>(null);

  const save = useMutation({
    mutationFn: ({ body }: { body: RecordBody; stay: boolean }) =>
      saveRecord(collection.name, record?.id ?? null, body, { onProgress: setShare }),
    onSuccess: async (saved, { stay }) => {
      queryClient.setQueryData(recordQuery(collection.name, saved.id).queryKey, saved);
      void queryClient.invalidateQueries({ queryKey: keys.records });
      form.reset();
      toast.success(record ? t("record.saved") : t("record.created"));
      if (!stay) onSaved();
    },
    onError: (error) => {
      const found = toApiError(error).fields;
      setProblems(Object.fromEntries(Object.entries(found).map(([name, { message }]) => [name, message])));
    },
    onSettled: () => setShare(null),
  });

  const submit = (stay: boolean) => {
    if (save.isPending) return;
    const built = form.build();
    if ("problems" in built) return setProblems(built.problems);
    setProblems({});
    save.mutate({ body: built.body, stay });
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit(false);
  };
  useSaveKeys((key) => submit(key === "s" && record !== null));

  const named = form.fields.flatMap(({ name }) =>
    Object.keys(problems).filter((key) => key === name || key.startsWith(`${name}.`)),
  );
  const count = form.dirty.length;
  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={onSubmit}>
      <UnsavedGuard dirty={count > 0 && !save.isPending && !save.isSuccess} />
      <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
        <FormAlert
          error={save.error instanceof ApiError ? save.error : null}
          fields={[...named, "passwordConfirm"]}
        />
        <fieldset disabled={readOnly} className="contents">
          <RecordFields collection={collection} record={record} form={form} problems={problems} />
        </fieldset>
      </div>
      {share !== null && <Progress share={share} label={t("record.uploading")} className="rounded-none" />}
      {!readOnly && (
        <footer className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
          <p role="status" className="mr-auto text-ink-soft text-sm tabular-nums">
            {count > 0 && t("record.changes", { count })}
          </p>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button
            type="submit"
            variant="primary"
            pending={save.isPending}
            disabled={record !== null && count === 0}
          >
            {record ? t("action.save") : t("record.create")}
          </Button>
        </footer>
      )}
    </form>
  );
}

/** Ctrl or Cmd with S saves and stays, with Enter saves and closes, wherever the focus is. */
function useSaveKeys(onKey: (key: string) => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (event.key !== "s" && event.key !== "Enter") return;
      event.preventDefault();
      onKey(event.key);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });
}

function FormSkeleton() {
  return (
    <div className="grid gap-6">
      {["a", "b", "c", "d"].map((place) => (
        <div key={place} className="grid gap-2">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-9 w-full" />
        </div>
      ))}
    </div>
  );
}
