/**
 * Deleting with a way back: the records are out of sight at once, and the request goes off when the offer to undo ends. What was
 * deleted could not be made again as it was: its files, what was deleted along with it, and the references that were emptied.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import { deleteRecord, deleteRecords } from "@/api/records";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { toast } from "@/ui/toast";
import { chunks, idsFilter } from "./bulk";

/** Long enough to see what is gone, as for other changes to many. The clock stands while the pointer or the focus is on the offer. */
const undoMs = 15_000;

interface Deletion {
  /** What its toast is called. */
  offer: string;
  /** What was not asked of the server yet. */
  left: string[];
  state: "offered" | "sent";
}

export interface Failure {
  id: string;
  error: unknown;
}

export interface Deletions {
  /** Not to be shown: about to be deleted, or being deleted. */
  hidden: ReadonlySet<string>;
  remove: (ids: string[]) => void;
}

/** Whoever leaves the page means what was done on it. */
export function useDeletions(collection: string, onFailed: (ids: string[]) => void): Deletions {
  const queryClient = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const running = useRef(new Set<Deletion>());
  const failed = useRef(onFailed);
  failed.current = onFailed;

  const show = useCallback((ids: string[]) => {
    setHidden((current) => new Set([...current].filter((id) => !ids.includes(id))));
  }, []);

  const send = useCallback(
    async (deletion: Deletion) => {
      if (deletion.state !== "offered") return;
      deletion.state = "sent";
      const ids = [...deletion.left];
      const failures = await deleteAll(collection, deletion.left);
      running.current.delete(deletion);
      await queryClient.invalidateQueries({ queryKey: [...keys.records, collection] });
      show(ids);
      const [first] = failures;
      if (!first) return;
      toast.error(t("records.deleteFailed", { count: failures.length }), {
        description: reasonOf(first.error),
      });
      failed.current(failures.map(({ id }) => id));
    },
    [collection, queryClient, show],
  );

  const remove = (ids: string[]) => {
    const deletion: Deletion = { offer: `deleted-${ids[0]}-${ids.length}`, left: [...ids], state: "offered" };
    const undo = () => {
      if (deletion.state !== "offered") return;
      running.current.delete(deletion);
      deletion.state = "sent";
      show(ids);
    };
    running.current.add(deletion);
    setHidden((current) => new Set([...current, ...ids]));
    toast.success(t("records.deleted", { count: ids.length }), {
      id: deletion.offer,
      durationMs: undoMs,
      action: { label: t("action.undo"), onClick: undo },
      onEnd: () => void send(deletion),
    });
  };

  useEffect(() => {
    const all = running.current;
    const close = () => {
      for (const { left } of all) {
        for (const chunk of chunks(left.splice(0))) {
          void deleteRecords(collection, idsFilter(chunk), { keepalive: true }).catch(() => {});
        }
      }
    };
    window.addEventListener("pagehide", close);
    return () => {
      window.removeEventListener("pagehide", close);
      for (const deletion of all) {
        toast.dismiss(deletion.offer);
        void send(deletion);
      }
    };
  }, [collection, send]);

  return { hidden, remove };
}

/** Many at once. Where one of them keeps the others from being deleted, one after the other, to say which. Empties `left`. */
export async function deleteAll(collection: string, left: string[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  while (left.length > 0) {
    const [chunk = []] = chunks(left);
    left.splice(0, chunk.length);
    if (chunk.length > 1 && (await isDeleted(collection, chunk))) continue;
    for (const id of chunk) {
      try {
        await deleteRecord(collection, id);
      } catch (error) {
        // Somebody else was quicker.
        if (!(error instanceof ApiError && error.status === 404)) failures.push({ id, error });
      }
    }
  }
  return failures;
}

async function isDeleted(collection: string, ids: string[]): Promise<boolean> {
  try {
    await deleteRecords(collection, idsFilter(ids));
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.message !== "") return error.message;
  return describeError(error instanceof Error ? error : new Error(String(error))).title;
}
