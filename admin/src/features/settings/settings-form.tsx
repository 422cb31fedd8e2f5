import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import type { TaggedSettings } from "@/api/settings";
import type { Settings } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { BucketPresets } from "./bucket-presets";
import { MailTest } from "./mail-test";
import type { PresetValues } from "./preset-values";
import { pathOf, type SettingSection } from "./sections";
import { SettingControl } from "./setting-control";
import { SettingsConflictDialog } from "./settings-conflict";
import { StorageTest } from "./storage-test";
import { SyncTest } from "./sync-test";
import { useSaveSettings } from "./use-save-settings";
import { bodyOf, isKept, sourceOf, storedValues, withChange, without, withoutPaths } from "./values";

interface SettingsFormProps {
  stored: TaggedSettings;
  sections: SettingSection[];
  /** It is kept while another tab of the page is looked at; else what is typed would be lost by that, and is asked for. */
  kept?: boolean;
}

/** All sections in one form; only what differs is sent. */
export function SettingsForm({ stored: known, sections, kept = false }: SettingsFormProps) {
  const [changed, setChanged] = useState<Settings>({});
  // Lists keep a text of their own; to discard it is to make them anew.
  const [edition, setEdition] = useState(0);
  const count = Object.values(changed).reduce((sum, section) => sum + Object.keys(section).length, 0);

  const save = useSaveSettings<Settings>({
    stored: known,
    held: count > 0,
    toBody: (sent) => bodyOf(sent, sections),
    onSaved: (sent) => setChanged((now) => without(now, sent)),
    onTheirs: (sent, paths) => {
      setChanged((now) => withoutPaths(now, paths));
      setEdition(edition + 1);
      return withoutPaths(sent, paths);
    },
    done: t("settings.saved"),
  });
  const stored = save.base;
  const shown = sections.filter((section) => storedValues(stored, section) !== undefined);

  // What is stored is about to change while it is saved, so that nothing can be said to be as it is there.
  const put = (section: SettingSection, key: string, value: unknown) =>
    setChanged((before) => withChange(before, save.isPending ? {} : stored, section, key, value));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending && count > 0) save.save(changed);
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  const places = shown.flatMap((section) => section.fields.map((field) => pathOf(section, field)));
  // Of a list, each line may be wrong.
  const placed = Object.keys(problems).filter((path) =>
    places.some((place) => path === place || path.startsWith(`${place}.`)),
  );

  const nameOf = (path: string) => {
    const all = shown.flatMap((section) => section.fields.map((field) => ({ section, field })));
    const found = all.find(({ section, field }) => pathOf(section, field) === path);
    return found ? `${t(found.section.title)}: ${t(found.field.label)}` : path;
  };

  return (
    <form noValidate className="grid gap-3" onSubmit={submit}>
      {save.conflict && <SettingsConflictDialog found={save.conflict} nameOf={nameOf} />}
      <UnsavedGuard dirty={count > 0} survives={(path) => kept && path.endsWith("/settings")} />
      <FormAlert error={save.error} fields={placed} />
      {shown.map((section) => (
        <Section
          key={`${section.key}-${edition}`}
          section={section}
          stored={stored}
          values={{ ...storedValues(stored, section), ...changed[section.key] }}
          problems={problems}
          onChange={(key, value) => put(section, key, value)}
          saved={!(section.key in changed)}
        />
      ))}
      {count > 0 && (
        <section
          aria-label={t("collection.unsaved")}
          className="sticky bottom-16 z-20 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2.5 pr-2.5 pl-4 shadow-float sm:bottom-5"
        >
          <p role="status" className="mr-auto font-medium text-sm tabular-nums">
            {t("collection.changes", { count })}
          </p>
          <Button
            size="sm"
            onClick={() => {
              setChanged({});
              setEdition(edition + 1);
              save.reset();
            }}
          >
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

interface SectionProps {
  section: SettingSection;
  stored: Settings;
  values: Record<string, unknown>;
  problems: Record<string, { message: string }>;
  /** Nothing in it waits to be saved, so that what is stored can be tried. */
  saved: boolean;
  onChange: (key: string, value: unknown) => void;
}

function Section({ section, stored, values, problems, saved, onChange }: SectionProps) {
  // A secret is never told, so its key may be missing where the section is there.
  const fields = section.fields.filter(({ key, control }) => key in values || control === "secret");
  // Many short ones, that would be a long way down one below the other.
  const numbers = section.fields.every(({ control }) => control === "number");
  const fillIn = (filled: PresetValues) => {
    for (const [key, value] of Object.entries(filled)) {
      const field = fields.find((each) => each.key === key);
      // What the operator has fixed stays.
      if (field && !sourceOf(stored, pathOf(section, field))) onChange(key, value);
    }
  };
  return (
    <Card className="grid gap-x-8 gap-y-4 px-4 py-5 sm:px-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <div className="grid content-start gap-0.5">
        <h2 className="font-medium">{t(section.title)}</h2>
        <p className="text-ink-soft text-xs leading-5">{t(section.text)}</p>
      </div>
      <div className={cn("grid gap-4", numbers ? "max-w-2xl items-end gap-x-6 sm:grid-cols-2" : "max-w-xl")}>
        {section.key.endsWith("s3") && <BucketPresets onChange={fillIn} />}
        {fields.map((field) => (
          <SettingControl
            key={field.key}
            field={field}
            value={values[field.key]}
            error={problemOf(problems, pathOf(section, field))}
            source={sourceOf(stored, pathOf(section, field))}
            kept={isKept(stored, pathOf(section, field))}
            onChange={(value) => onChange(field.key, value)}
          />
        ))}
        {section.key === "sync" && <SyncTest url={text(values.url) ?? ""} token={text(values.authToken)} />}
        {section.key === "smtp" && <MailTest ready={saved && values.enabled === true} />}
        {section.key.endsWith("s3") && (
          <StorageTest
            filesystem={section.key === "s3" ? "storage" : "backups"}
            ready={saved && values.enabled === true}
          />
        )}
      </div>
    </Card>
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The mistake of a field, or of a line of it. */
function problemOf(problems: Record<string, { message: string }>, path: string): string | undefined {
  return Object.entries(problems).find(([each]) => each === path || each.startsWith(`${path}.`))?.[1].message;
}
