import { Lock } from "lucide-react";
import type { SettingSource } from "@/api/types";
import { CronField } from "@/components/cron-field";
import { LinesField } from "@/components/lines-field";
import { PasswordInput } from "@/components/password-input";
import { ToggleRow } from "@/components/toggle-row";
import { type PlainKey, t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import type { SettingField } from "./sections";

interface SettingControlProps {
  field: SettingField;
  value: unknown;
  error: string | undefined;
  /** The operator has fixed it elsewhere: it can be read here and not changed. */
  source: SettingSource | undefined;
  /** Of a secret: there is one. */
  kept: boolean;
  onChange: (value: unknown) => void;
}

/** One setting by its kind of control, with where its value comes from if that is not here. */
export function SettingControl({ field, value, error, source, kept, onChange }: SettingControlProps) {
  const { label, help, control } = field;
  const fixed = source !== undefined;
  const words = fixed ? <Fixed source={source} /> : help && t(help);
  if (control === "toggle") {
    return (
      <ToggleRow
        label={t(label)}
        help={words}
        checked={value === true}
        disabled={fixed}
        onChange={onChange}
      />
    );
  }
  if (control === "list" && !fixed) {
    return (
      <LinesField
        label={t(label)}
        help={help && t(help)}
        error={error}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={onChange}
      />
    );
  }
  if (control === "cron" && !fixed) {
    return (
      <CronField
        label={t(label)}
        help={help && t(help)}
        error={error}
        value={typeof value === "string" ? value : ""}
        onChange={onChange}
      />
    );
  }
  return (
    <Field label={t(label)} help={words} error={error}>
      {(props) => {
        if (typeof control === "object") {
          return (
            <Select
              {...props}
              className="max-w-72"
              disabled={fixed}
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
              disabled={fixed}
              value={typeof value === "number" ? String(value) : ""}
              onChange={({ target }) => onChange(target.value === "" ? 0 : target.valueAsNumber)}
            />
          );
        }
        if (control === "secret" && !fixed) {
          return (
            <PasswordInput
              {...props}
              autoComplete="off"
              placeholder={kept ? t("record.password.keep") : undefined}
              value={typeof value === "string" ? value : ""}
              onChange={(event) => onChange(event.target.value || undefined)}
            />
          );
        }
        return (
          <Input
            {...props}
            autoComplete="off"
            disabled={fixed}
            value={spelled(value)}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}

function spelled(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : "";
}

const origins: Record<string, PlainKey> = {
  flag: "settings.origin.flag",
  variable: "settings.origin.variable",
  file: "settings.origin.file",
};

function Fixed({ source: { origin, name } }: { source: SettingSource }) {
  const known = origins[origin];
  return (
    <span className="inline-flex items-center gap-1.5">
      <Lock aria-hidden className="size-3.5 shrink-0" />
      <span>
        {known ? t(known) : origin} <code className="font-mono [overflow-wrap:anywhere]">{name}</code>
      </span>
    </span>
  );
}
