import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import { settingsQuery, type TaggedSettings, updateSettings } from "@/api/settings";
import type { Settings } from "@/api/types";
import type { Choice } from "@/components/conflict-dialog";
import { toast } from "@/ui/toast";
import { conflictOf, type SettingsConflict, withoutTheirs } from "./conflict";

interface SaveOptions<T> {
  /** As they are known to be by now. */
  stored: TaggedSettings;
  /** Something has been typed: what it is a change of stays, while others save theirs. */
  held: boolean;
  /** What is sent for what was changed. */
  toBody: (sent: T, base: Settings) => Record<string, unknown>;
  /** Told what was sent: what was typed since then is not saved yet. */
  onSaved: (sent: T) => void;
  /** Told the paths at which what others have saved is to stay: nothing is changed there any more. Answers what is left of `sent`. */
  onTheirs: (sent: T, paths: string[], now: Settings) => T;
  /** What is said when it is saved. */
  done: string;
}

interface Sending<T> {
  sent: T;
  body: Record<string, unknown>;
  etag: string | null;
  /** How often nobody has been asked before it was sent again. */
  repeats: number;
}

/** Behind a proxy that changes tags every version looks like another one: then it would be sent for ever. */
const repeatsMax = 2;

/** What others have saved meanwhile, and what of it is changed here too. */
export interface FoundConflict {
  conflict: SettingsConflict;
  pending: boolean;
  onResolve: (choices: Record<string, Choice>) => void;
  onClose: () => void;
}

/** Saves what a form has changed, unless others have changed the same since, and has the answer shown wherever settings are. */
export function useSaveSettings<T>({ stored, held, toBody, onSaved, onTheirs, done }: SaveOptions<T>) {
  const queryClient = useQueryClient();
  const [base, setBase] = useState(stored);
  if (!held && base !== stored) setBase(stored);
  const [found, setFound] = useState<
    (Sending<T> & { conflict: SettingsConflict; now: TaggedSettings }) | null
  >(null);

  const keep = (now: TaggedSettings) => {
    queryClient.setQueryData(settingsQuery().queryKey, now);
    setBase(now);
  };
  const save = useMutation({
    mutationFn: ({ body, etag }: Sending<T>) => updateSettings(body, etag),
    onSuccess: (saved, { sent }) => {
      keep(saved);
      setFound(null);
      onSaved(sent);
      toast.success(done);
    },
    onError: (error, { sent, body, repeats }) => {
      const { status, settings: now } = toApiError(error);
      if (status !== 412 || !now) return setFound(null);
      const conflict = conflictOf(body, base.settings, now.settings);
      if (conflict.settings.length > 0)
        return setFound({ sent, body, etag: now.etag, repeats: 0, conflict, now });
      // Others have changed other settings: nothing of theirs is lost, so nothing is asked.
      keep(now);
      if (repeats === repeatsMax) return setFound(null);
      save.mutate({ sent, body, etag: now.etag, repeats: repeats + 1 });
    },
  });

  const resolve = (choices: Record<string, Choice>) => {
    if (!found) return;
    const { etag, now, repeats } = found;
    const body = withoutTheirs(found.body, choices);
    const theirs = Object.keys(choices).filter((path) => choices[path] === "theirs");
    const sent = theirs.length > 0 ? onTheirs(found.sent, theirs, now.settings) : found.sent;
    keep(now);
    if (Object.keys(body).length > 0) return save.mutate({ sent, body, etag, repeats });
    setFound(null);
    save.reset();
    onSaved(sent);
  };
  const conflict: FoundConflict | null = found && {
    conflict: found.conflict,
    pending: save.isPending,
    onResolve: resolve,
    onClose: () => {
      setFound(null);
      save.reset();
    },
  };

  return {
    base: base.settings,
    conflict,
    error: found ? null : save.error,
    isPending: save.isPending,
    reset: save.reset,
    save: (sent: T) => save.mutate({ sent, body: toBody(sent, base.settings), etag: base.etag, repeats: 0 }),
  };
}
