import { useState } from "react";
import { JsonField } from "@/components/json-field";
import { t } from "@/i18n";

interface ProvidersFieldProps {
  value: unknown;
  error: string | undefined;
  onChange: (providers: unknown[]) => void;
}

/** The providers as the API has them. What is no list yet stays here until it is one. */
export function ProvidersField({ value, error, onChange }: ProvidersFieldProps) {
  const [text, setText] = useState(() => JSON.stringify(value ?? [], null, 2));
  const providers = listOf(text);
  return (
    <JsonField
      label={t("auth.option.providers")}
      help={t("auth.option.providersHelp")}
      error={providers === null ? t("record.problem.json") : error}
      value={text}
      onChange={(next) => {
        setText(next);
        const list = listOf(next);
        if (list) onChange(list);
      }}
    />
  );
}

function listOf(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text.trim() || "[]");
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
