import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ChangedMeanwhile, updateCollection } from "@/api/definitions";
import { toApiError } from "@/api/errors";
import { collectionsQuery, keys } from "@/api/queries";
import { recordCountQuery } from "@/api/records";
import type { Collection } from "@/api/types";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { toast } from "@/ui/toast";
import { AsRequest } from "./as-request";
import { ChangeList } from "./change-list";
import { type Change, collectionChanges } from "./collection-changes";
import { changeAsCurl } from "./collection-curl";
import { Complaints } from "./complaints";
import { Migration } from "./migration";
import type { CollectionDraft } from "./use-collection-draft";

interface SaveBarProps {
  stored: Collection;
  draft: CollectionDraft;
  /** Something on the page is wrong, so that saving would be in vain. */
  invalid: boolean;
  /** Complaints by path, as the server sent them, or none. */
  onProblems: (problems: Record<string, string>) => void;
  onSaved: (collection: Collection) => void;
}

/** Shown while something differs: how much, the way back, and the review before saving. */
export function SaveBar({ stored, draft, invalid, onProblems, onSaved }: SaveBarProps) {
  const queryClient = useQueryClient();
  const [reviewing, setReviewing] = useState(false);
  const body = draft.body();
  const changes = collectionChanges(stored, body);

  const save = useMutation({
    // The list of fields is sent as a whole: what is not in it is deleted, also what somebody else has just added. Then the
    // changes are put upon that, and are to be looked at again.
    mutationFn: () => updateCollection(queryClient, stored, body),
    onSuccess: async (saved) => {
      setReviewing(false);
      queryClient.setQueryData(collectionsQuery().queryKey, (all) =>
        all?.map((each) => (each.id === saved.id ? saved : each)),
      );
      draft.reset();
      onProblems({});
      onSaved(saved);
      toast.success(t("collection.saved", { name: saved.name }));
      await queryClient.invalidateQueries({ queryKey: keys.collections });
      await queryClient.invalidateQueries({ queryKey: keys.records });
    },
    onError: (error) => {
      if (error instanceof ChangedMeanwhile) return;
      const { fields } = toApiError(error);
      onProblems(Object.fromEntries(Object.entries(fields).map(([path, { message }]) => [path, message])));
    },
  });

  const discard = () => {
    draft.reset();
    save.reset();
    onProblems({});
  };

  if (!draft.dirty) return null;
  return (
    <section
      aria-label={t("collection.unsaved")}
      className="sticky bottom-16 z-20 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2.5 pr-2.5 pl-4 shadow-float sm:bottom-5"
    >
      <p role="status" className="mr-auto font-medium text-sm tabular-nums">
        {t("collection.changes", { count: changes.length })}
      </p>
      <Button size="sm" onClick={discard}>
        {t("collection.discard")}
      </Button>
      <Button
        size="sm"
        variant="primary"
        disabled={invalid}
        onClick={() => {
          save.reset();
          setReviewing(true);
        }}
      >
        {t("collection.review")}
      </Button>
      <ReviewDialog
        open={reviewing}
        stored={stored}
        body={body}
        changes={changes}
        error={save.error}
        pending={save.isPending}
        onClose={() => setReviewing(false)}
        onSave={() => save.mutate()}
      />
    </section>
  );
}

interface ReviewDialogProps {
  open: boolean;
  stored: Collection;
  body: Partial<Collection>;
  changes: Change[];
  error: Error | null;
  pending: boolean;
  onClose: () => void;
  onSave: () => void;
}

/** What will change, and what data goes with it. */
function ReviewDialog({ open, stored, body, changes, error, pending, onClose, onSave }: ReviewDialogProps) {
  const destructive = changes.some((change) => change.destructive);
  const count = useQuery({ ...recordCountQuery(stored.name), enabled: open && destructive });
  return (
    <Dialog open={open} onOpenChange={(next) => !next && !pending && onClose()}>
      <DialogContent
        title={t("review.title", { name: stored.name })}
        description={t("review.text")}
        closeLabel={t("action.close")}
      >
        <DialogBody className="grid grid-cols-[minmax(0,1fr)] content-start gap-5">
          <Complaints error={error} onRetry={onSave} />
          {destructive && (
            <Alert tone="warning" title={t("review.destructive")}>
              {count.data !== undefined && t("review.records", { count: count.data })}
            </Alert>
          )}
          <ChangeList changes={changes} label={t("review.list")} />
          <Migration wish={{ collection: stored.id, body }} />
          <AsRequest text={changeAsCurl(window.location.origin, stored.name, body)} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button variant={destructive ? "danger" : "primary"} pending={pending} onClick={onSave}>
            {t("review.save")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
