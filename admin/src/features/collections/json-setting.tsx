import { useState } from "react";
import { CodeEditor } from "@/components/code-editor";
import { t } from "@/i18n";
import type { ControlProps } from "@/ui/field";

interface JsonSettingProps {
  control: ControlProps;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A setting that is an object. What is half typed stays here; the definition gets only what can be read. */
export function JsonSetting({ control, label, value, onChange }: JsonSettingProps) {
  const [text, setText] = useState(() => written(value));
  const read = parsed(text);
  const change = (next: string) => {
    setText(next);
    const found = parsed(next);
    if ("value" in found) onChange(found.value);
  };
  return (
    <div className="grid gap-1.5">
      <CodeEditor
        control={control}
        label={label}
        language="json"
        minLines={4}
        value={text}
        onChange={change}
      />
      <span role="status" className="text-danger text-xs [overflow-wrap:anywhere] empty:hidden">
        {"problem" in read && t("setting.jsonProblem", { problem: read.problem })}
      </span>
    </div>
  );
}

function written(value: unknown): string {
  return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
}

/** Nothing typed is `null`: no schema. */
function parsed(text: string): { value: unknown } | { problem: string } {
  if (text.trim() === "") return { value: null };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
