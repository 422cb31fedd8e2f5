/** A part of the settings that is edited as a whole and saved by itself: lists whose entries have an order. */
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { TaggedSettings } from "@/api/settings";
import type { Settings } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import { SettingsConflictDialog } from "./settings-conflict";
import { useSaveSettings } from "./use-save-settings";

interface PartOptions<T> {
  /** Its name among the settings. */
  name: string;
  stored: TaggedSettings;
  /** What is sent for it. */
  toSend: (value: T) => T;
  /** What its parts are called. */
  names: Record<keyof T, PlainKey>;
  /** What is said when it is saved. */
  done: string;
}

export function useSettingsPart<T extends object>({ name, stored, toSend, names, done }: PartOptions<T>) {
  const [changed, setChanged] = useState<T | null>(null);
  // Entries keep a state of their own; to discard it is to make them anew.
  const [edition, setEdition] = useState(0);
  const partOf = (settings: Settings) => settings[name] as T;
  const save = useSaveSettings<T>({
    stored,
    held: changed !== null,
    toBody: (sent, base) => ({ [name]: differing(toSend(sent), partOf(base)) }),
    onSaved: (sent) => setChanged((now) => (now === sent ? null : now)),
    onTheirs: (sent, paths, settings) => {
      const theirs = Object.entries(partOf(settings)).filter(([key]) => paths.includes(`${name}.${key}`));
      const left = { ...sent, ...Object.fromEntries(theirs) };
      setChanged((now) => (now === sent ? left : now && { ...now, ...Object.fromEntries(theirs) }));
      setEdition(edition + 1);
      return left;
    },
    done,
  });
  const value = changed ?? partOf(save.base);
  const dirty = changed !== null && JSON.stringify(changed) !== JSON.stringify(partOf(save.base));
  const nameOf = (path: string) => {
    const key = path.slice(name.length + 1);
    const label: PlainKey | undefined = names[key as keyof T];
    return label ? t(label) : path;
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  return {
    value,
    dirty,
    edition,
    problems,
    error: save.error,
    pending: save.isPending,
    conflict: save.conflict && { found: save.conflict, nameOf },
    save: () => save.save(value),
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
    /** What is wrong at a path itself. */
    own: (path: string) => problems[`${name}.${path}`]?.message,
  };
}

/** What its entries and its form need of it, whatever it is made of. */
export type SettingsPart = Omit<ReturnType<typeof useSettingsPart>, "value" | "set">;

/** What of a value is not as it was. */
function differing<T extends object>(value: T, before: T): Partial<T> {
  const parts = Object.entries(value).filter(
    ([key, part]) => JSON.stringify(part) !== JSON.stringify(before[key as keyof T]),
  );
  return Object.fromEntries(parts) as Partial<T>;
}

interface PartFormProps {
  part: SettingsPart;
  /** Problems at these paths are shown beside what they are about. */
  placed: RegExp;
  children: ReactNode;
}

export function PartForm({ part, placed, children }: PartFormProps) {
  const { dirty, pending, error, save, problems, discard, conflict } = part;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty && !pending) save();
  };
  return (
    <form noValidate className="grid gap-3" onSubmit={submit}>
      {conflict && <SettingsConflictDialog {...conflict} />}
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
