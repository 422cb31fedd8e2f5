import { useState } from "react";
import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface DefaultFieldProps {
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

/** What a new record has when nothing is given: JSON where it is some, else the text as it stands. */
export function DefaultField({ value, error, onChange }: DefaultFieldProps) {
  const [text, setText] = useState(() => spelled(value));
  return (
    <Field label={t("fieldSheet.default")} help={t("fieldSheet.defaultHelp")} error={error}>
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-base sm:text-[0.8125rem]"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            onChange(meant(event.target.value));
          }}
        />
      )}
    </Field>
  );
}

function spelled(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" && meant(value) === value ? value : JSON.stringify(value);
}

export function meant(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
