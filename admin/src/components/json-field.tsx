import type { ComponentProps } from "react";
import { CodeEditor } from "@/components/code-editor";
import { Field } from "@/ui/field";

interface JsonFieldProps extends Pick<ComponentProps<typeof Field>, "label" | "aside" | "help" | "error"> {
  /** As it is typed, whether it can be read or not: what is wrong with it is the error. */
  value: string;
  onChange: (text: string) => void;
  minLines?: number;
}

/** A text in JSON with its label, as any other field of a form. */
export function JsonField({ value, onChange, minLines, ...field }: JsonFieldProps) {
  return (
    <Field {...field}>
      {(control) => (
        <CodeEditor
          control={control}
          label={field.label}
          language="json"
          minLines={minLines}
          value={value}
          onChange={onChange}
        />
      )}
    </Field>
  );
}
