import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { settingsQuery, updateSettings } from "@/api/queries";
import type { Settings } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { PasswordInput } from "@/components/password-input";
import { ToggleRow } from "@/components/toggle-row";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { toast } from "@/ui/toast";
import { MailTest } from "./mail-test";
import { type SettingField, type SettingSection, sections } from "./sections";
import { StorageTest } from "./storage-test";

/** All sections in one form; only what differs is sent. */
export function SettingsForm({ stored }: { stored: Settings }) {
  const queryClient = useQueryClient();
  const [changed, setChanged] = useState<Settings>({});
  const shown = sections.filter(({ key }) => key in stored);
  const count = Object.values(changed).reduce((sum, section) => sum + Object.keys(section).length, 0);

  const save = useMutation({
    mutationFn: () => updateSettings(changed),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery().queryKey, saved);
      setChanged({});
      toast.success(t("settings.saved"));
    },
  });

  const put = (section: string, key: string, value: unknown) =>
    setChanged((before) => {
      const next = { ...before[section], [key]: value };
      if (stored[section]?.[key] === value) delete next[key];
      const { [section]: _old, ...others } = before;
      return Object.keys(next).length > 0 ? { ...others, [section]: next } : others;
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending && count > 0) save.mutate();
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  const placed = shown.flatMap(({ key, fields }) => fields.map((field) => `${key}.${field.key}`));

  return (
    <form noValidate className="grid gap-3" onSubmit={submit}>
      <UnsavedGuard dirty={count > 0} survives={(path) => path.endsWith("/settings")} />
      <FormAlert error={save.error} fields={placed} />
      {shown.map((section) => (
        <Section
          key={section.key}
          section={section}
          values={{ ...stored[section.key], ...changed[section.key] }}
          problems={problems}
          onChange={(key, value) => put(section.key, key, value)}
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
  values: Record<string, unknown>;
  problems: Record<string, { message: string }>;
  /** Nothing in it waits to be saved, so that what is stored can be tried. */
  saved: boolean;
  onChange: (key: string, value: unknown) => void;
}

function Section({ section, values, problems, saved, onChange }: SectionProps) {
  // A secret is never told, so its key may be missing where the section is there.
  const fields = section.fields.filter(({ key, control }) => key in values || control === "secret");
  return (
    <Card className="grid gap-x-8 gap-y-4 px-4 py-5 sm:px-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <div className="grid content-start gap-0.5">
        <h2 className="font-medium">{t(section.title)}</h2>
        <p className="text-ink-soft text-xs leading-5">{t(section.text)}</p>
      </div>
      <div className="grid max-w-xl gap-4">
        {fields.map((field) => (
          <Control
            key={field.key}
            field={field}
            value={values[field.key]}
            error={problems[`${section.key}.${field.key}`]?.message}
            onChange={(value) => onChange(field.key, value)}
          />
        ))}
        {section.key === "smtp" && <MailTest ready={saved && values.enabled === true} />}
        {section.key === "s3" && <StorageTest ready={saved && values.enabled === true} />}
      </div>
    </Card>
  );
}

interface ControlProps {
  field: SettingField;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function Control({ field: { label, help, control }, value, error, onChange }: ControlProps) {
  if (control === "toggle")
    return <ToggleRow label={t(label)} help={help && t(help)} checked={value === true} onChange={onChange} />;
  return (
    <Field label={t(label)} help={help && t(help)} error={error}>
      {(props) => {
        if (typeof control === "object") {
          return (
            <Select
              {...props}
              className="max-w-56"
              value={String(value)}
              onChange={(event) =>
                onChange(control.choices.find((choice) => String(choice.value) === event.target.value)?.value)
              }
            >
              {control.choices.map((choice) => (
                <option key={choice.value} value={String(choice.value)}>
                  {t(choice.label)}
                </option>
              ))}
            </Select>
          );
        }
        if (control === "number") {
          return (
            <Input
              {...props}
              type="number"
              className="max-w-44 tabular-nums"
              value={typeof value === "number" ? String(value) : ""}
              onChange={({ target }) => onChange(target.value === "" ? 0 : target.valueAsNumber)}
            />
          );
        }
        if (control === "secret") {
          return (
            <PasswordInput
              {...props}
              autoComplete="off"
              placeholder={t("record.password.keep")}
              value={typeof value === "string" ? value : ""}
              onChange={(event) => onChange(event.target.value || undefined)}
            />
          );
        }
        return (
          <Input
            {...props}
            autoComplete="off"
            value={typeof value === "string" ? value : ""}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}
