/** A part of the settings that is edited as a whole and saved by itself: lists whose entries have an order. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import { settingsQuery, updateSettings } from "@/api/queries";
import type { Settings } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

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
  const queryClient = useQueryClient();
  const [changed, setChanged] = useState<T | null>(null);
  const value = changed ?? stored;
  const dirty = changed !== null && JSON.stringify(changed) !== JSON.stringify(stored);
  const save = useMutation({
    mutationFn: () => updateSettings({ [name]: toSend(value) } as Partial<Settings>),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery().queryKey, saved);
      setChanged(null);
      toast.success(done);
    },
  });
  const problems = save.error ? toApiError(save.error).fields : {};
  return {
    value,
    dirty,
    save,
    problems,
    set: (parts: Partial<T>) => setChanged({ ...value, ...parts }),
    discard: () => {
      setChanged(null);
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
  part: Pick<ReturnType<typeof useSettingsPart>, "dirty" | "save" | "problems" | "discard">;
  /** Problems at these paths are shown beside what they are about. */
  placed: RegExp;
  children: ReactNode;
}

export function PartForm({ part: { dirty, save, problems, discard }, placed, children }: PartFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty && !save.isPending) save.mutate();
  };
  return (
    <form noValidate className="grid gap-3" onSubmit={submit}>
      <UnsavedGuard dirty={dirty} survives={(path) => path.endsWith("/settings")} />
      <FormAlert error={save.error} fields={Object.keys(problems).filter((key) => placed.test(key))} />
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
          <Button size="sm" type="submit" variant="primary" pending={save.isPending}>
            {t("action.save")}
          </Button>
        </section>
      )}
    </form>
  );
}
