import { useState } from "react";
import { Field } from "@/ui/field";
import { verbatim } from "@/ui/input";
import { Textarea } from "@/ui/textarea";

interface LinesFieldProps {
  label: string;
  help?: string;
  error?: string;
  placeholder?: string;
  value: string[];
  onChange: (value: string[]) => void;
}

/** A list of short texts, one a line; commas and blanks part them as well. */
export function LinesField({ label, help, error, placeholder, value, onChange }: LinesFieldProps) {
  // Its own text, or a line that is just being begun would vanish.
  const [text, setText] = useState(value.join("\n"));
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <Textarea
          {...control}
          rows={Math.min(6, Math.max(2, text.split("\n").length))}
          className="font-mono text-base sm:text-[0.8125rem]"
          {...verbatim}
          placeholder={placeholder}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onChange(linesOf(target.value));
          }}
        />
      )}
    </Field>
  );
}

export function linesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((line) => line !== ""))];
}
