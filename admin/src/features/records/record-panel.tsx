import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, toApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import { type RecordBody, recordQuery, saveRecord, type Tagged } from "@/api/records";
import type { Collection, RecordData } from "@/api/types";
import { Code } from "@/components/code";
import type { Choice } from "@/components/conflict-dialog";
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
import { conflictOf, resolved } from "./conflict";
import { RecordConflict } from "./conflict-dialog";
import { firstToFill, RecordFields } from "./record-fields";
import { RecordMenu } from "./record-menu";
import { type Drafts, useRecordForm } from "./use-record-form";

interface RecordPanelProps {
  collection: Collection;
  /** The id of a record, `new`, or nothing while the panel is closed. */
  target: string | undefined;
  onClose: () => void;
  onSaved: () => void;
  onDelete: (id: string) => void;
}

/** One record beside the table: looked at, changed, or made. */
export function RecordPanel({ collection, target, onClose, onSaved, onDelete }: RecordPanelProps) {
  const isNew = target === "new";
  const query = useQuery({
    ...recordQuery(collection.name, target ?? ""),
    enabled: target !== undefined && !isNew,
  });
  const record = isNew ? null : query.data?.record;
  const readOnly = collection.type === "view";

  return (
    <Sheet open={target !== undefined} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={isNew ? t("record.new", { collection: collection.name }) : title(record, collection)}
        description={target !== undefined && !isNew && <Code>{target}</Code>}
        actions={
          record && (
            <RecordMenu collection={collection} record={record} onDelete={() => onDelete(record.id)} />
          )
        }
        closeLabel={t("action.close")}
        initialFocus={isNew ? firstToFill : undefined}
        onInteractOutside={(event) => {
          // A toast is outside of every panel, and pressing it closes none.
          if (event.target instanceof Element && event.target.closest("[data-sonner-toaster]")) {
            event.preventDefault();
          }
        }}
      >
        {isNew ? (
          <RecordForm key="new" collection={collection} stored={null} onClose={onClose} onSaved={onSaved} />
        ) : (
          <div className="contents">
            {query.data ? (
              <RecordForm
                key={query.data.record.id}
                collection={collection}
                stored={query.data}
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
  stored: Tagged | null;
  readOnly?: boolean;
  onClose: () => void;
  onSaved: () => void;
}

interface Sending {
  body: RecordBody;
  /** What the form held when it was sent. */
  sent: Drafts;
  ifMatch?: string | null;
  /** The panel stays open afterwards. */
  stay: boolean;
}

function RecordForm({ collection, stored, readOnly = false, onClose, onSaved }: RecordFormProps) {
  const queryClient = useQueryClient();
  // What the changes are changes of: it stays while others save theirs, which the save then finds out.
  const [base, setBase] = useState(stored);
  const record = base?.record ?? null;
  const form = useRecordForm(collection, record);
  if (stored && form.dirty.length === 0 && base !== stored) setBase(stored);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [refused, setRefused] = useState<Record<string, string> | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [found, setFound] = useState<Tagged | null>(null);

  const keep = (saved: Tagged) =>
    queryClient.setQueryData(recordQuery(collection.name, saved.record.id).queryKey, saved);
  const save = useMutation({
    mutationFn: ({ body, ifMatch }: Sending) =>
      saveRecord(collection.name, record?.id ?? null, body, { onProgress: setShare, ifMatch }),
    onSuccess: async (saved, { sent, stay }) => {
      keep(saved);
      void queryClient.invalidateQueries({ queryKey: [...keys.records, collection.name, "list"] });
      setFound(null);
      const isLeft = form.settle(sent);
      toast.success(record ? t("record.saved") : t("record.created"));
      // What was typed while it was saved is a change of what is stored now.
      if (isLeft || stay) setBase(saved);
      else onSaved();
    },
    onError: (error, { body, sent, stay }) => {
      const { fields, status, current } = toApiError(error);
      setProblems(Object.fromEntries(Object.entries(fields).map(([name, { message }]) => [name, message])));
      if (status !== 412 || !current || !record) return setFound(null);
      const { fields: both } = conflictOf(form.fields, form.dirty, form.drafts, record, current.record);
      if (both.length > 0) return setFound(current);
      // Others have changed other fields: nothing of theirs is lost, so nothing is asked.
      setBase(current);
      keep(current);
      save.mutate({ body, sent, ifMatch: current.etag, stay });
    },
    onSettled: () => setShare(null),
  });

  const submit = (stay: boolean) => {
    if (save.isPending) return;
    const built = form.build();
    if ("problems" in built) {
      // What the server said of what was sent before is no longer it.
      save.reset();
      setRefused(built.problems);
      return setProblems(built.problems);
    }
    setRefused(null);
    setProblems({});
    save.mutate({ body: built.body, sent: form.drafts, ifMatch: base?.etag, stay });
  };
  const conflict = found && record && conflictOf(form.fields, form.dirty, form.drafts, record, found.record);
  const resolve = (choices: Record<string, Choice>) => {
    if (!found || !conflict) return;
    const { drafts, without } = resolved(conflict, choices);
    const built = form.build({ drafts, without });
    if ("problems" in built) return;
    form.forget(without);
    for (const [name, draft] of Object.entries(drafts)) form.set(name, draft);
    setBase(found);
    keep(found);
    if (form.dirty.every((name) => without.includes(name))) return setFound(null);
    save.mutate({ body: built.body, sent: { ...form.drafts, ...drafts }, ifMatch: found.etag, stay: true });
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
      <UnsavedGuard dirty={count > 0} />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
        <FormAlert
          error={save.error instanceof ApiError && !found ? save.error : null}
          refused={refused}
          fields={[...named, "passwordConfirm"]}
        />
        <fieldset disabled={readOnly} className="contents">
          <RecordFields collection={collection} record={record} form={form} problems={problems} />
        </fieldset>
      </div>
      {found && conflict && (
        <RecordConflict
          conflict={conflict}
          collection={collection.name}
          stored={found.record}
          pending={save.isPending}
          onResolve={resolve}
          onClose={() => {
            setFound(null);
            save.reset();
          }}
        />
      )}
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
