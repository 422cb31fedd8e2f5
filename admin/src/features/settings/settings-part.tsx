/** A part of the settings that is edited as a whole and saved by itself: lists whose entries have an order. */
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import { FormAlert } from "@/components/form-alert";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { useSaveSettings } from "./use-save-settings";

interface PartOptions<T> {
  /** Its name among the settings. */
  name: string;
  stored: T;
  /** What is sent for it. */
  toSend: (value: T) => T;
  /** What is said when it is saved. */
  done: string;
}

export function useSettingsPart<T extends object>({ name, stored, toSend, done }: PartOptions<T>) {
  const [changed, setChanged] = useState<T | null>(null);
  // Entries keep a state of their own; to discard it is to make them anew.
  const [edition, setEdition] = useState(0);
  const value = changed ?? stored;
  const dirty = changed !== null && JSON.stringify(changed) !== JSON.stringify(stored);
  const save = useSaveSettings<T>({
    toBody: (sent) => ({ [name]: toSend(sent) }),
    onSaved: (sent) => setChanged((now) => (now === sent ? null : now)),
    done,
  });
  const problems = save.error ? toApiError(save.error).fields : {};
  return {
    value,
    dirty,
    edition,
    problems,
    error: save.error,
    pending: save.isPending,
    save: () => save.mutate(value),
    set: (parts: Partial<T>) => setChanged({ ...value, ...parts }),
    /** To be told when entries get other places: problems are told by places, and those would be others' now. */
    replaced: () => !save.isPending && save.reset(),
    discard: () => {
      setChanged(null);
      setEdition(edition + 1);
      save.reset();
    },
    /** What is wrong at a path within it, or below that. */
    problem: (path: string) =>
      Object.entries(problems).find(
        ([key]) => key === `${name}.${path}` || key.startsWith(`${name}.${path}.`),
      )?.[1].message,
  };
}

interface PartFormProps {
  part: Pick<
    ReturnType<typeof useSettingsPart>,
    "dirty" | "pending" | "error" | "save" | "problems" | "discard"
  >;
  /** Problems at these paths are shown beside what they are about. */
  placed: RegExp;
  children: ReactNode;
}

export function PartForm({ part, placed, children }: PartFormProps) {
  const { dirty, pending, error, save, problems, discard } = part;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty && !pending) save();
  };
  return (
    <form noValidate className="grid gap-3" onSubmit={submit}>
      <UnsavedGuard dirty={dirty} survives={(path) => path.endsWith("/settings")} />
      <FormAlert error={error} fields={Object.keys(problems).filter((key) => placed.test(key))} />
      {children}
      {dirty && (
        <section
          aria-label={t("collection.unsaved")}
          className="sticky bottom-16 z-20 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2.5 pr-2.5 pl-4 shadow-float sm:bottom-5"
        >
          <p role="status" className="mr-auto font-medium text-sm">
            {t("collection.unsaved")}
          </p>
          <Button size="sm" onClick={discard}>
            {t("collection.discard")}
          </Button>
          <Button size="sm" type="submit" variant="primary" pending={pending}>
            {t("action.save")}
          </Button>
        </section>
      )}
    </form>
  );
}
