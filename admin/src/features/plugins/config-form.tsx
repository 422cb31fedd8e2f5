import { useState } from "react";
import { CodeEditor } from "@/components/code-editor";
import { JsonField } from "@/components/json-field";
import { LinesField } from "@/components/lines-field";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Field, Fieldset } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { problemAt } from "./config-problems";
import { type ConfigField, configFields, withBase, withValue } from "./config-schema";
import { objectIn } from "./sample";

interface ConfigFormProps {
  /** The plugin's JSON Schema, if it has one. */
  schema: unknown;
  /** The text of a JSON object; while it is none, it is shown as it is. */
  text: string;
  /** What holds for the plugin anyway, and is shown where nothing is set. */
  base?: Record<string, unknown>;
  /** By path below the configuration; the one of all of it under the empty path. */
  problems: Record<string, string>;
  onChange: (text: string) => void;
}

/** The configuration of a plugin at a place: fields where its schema names them, JSON otherwise and on request. */
export function ConfigForm({ schema, text, base = {}, problems, onChange }: ConfigFormProps) {
  const fields = configFields(schema)?.map((field) => withBase(field, base));
  const object = objectIn(text);
  const [asText, setAsText] = useState(false);
  if (!fields || !object || asText) {
    return (
      <JsonField
        label={t("attachment.config")}
        aside={
          fields &&
          object && (
            <Button size="sm" variant="ghost" onClick={() => setAsText(false)}>
              {t("config.asForm")}
            </Button>
          )
        }
        help={t("attachment.configHelp")}
        error={object ? Object.values(problems)[0] : t("attachment.configProblem")}
        value={text}
        onChange={onChange}
      />
    );
  }
  return (
    <Fieldset
      legend={t("attachment.config")}
      aside={
        <Button size="sm" variant="ghost" onClick={() => setAsText(true)}>
          {t("config.asText")}
        </Button>
      }
      error={problems[""]}
    >
      <div className="grid gap-4 rounded-lg border border-line p-4">
        {fields.map((field) => (
          <Entry
            key={field.key}
            field={field}
            value={object[field.key]}
            error={problemAt(problems, field.key)}
            onChange={(value) => onChange(JSON.stringify(withValue(object, field.key, value), null, 2))}
          />
        ))}
      </div>
    </Fieldset>
  );
}

interface EntryProps {
  field: ConfigField;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function Entry({ field, value, error, onChange }: EntryProps) {
  const { label, help, required, kind, choices, initial, whole } = field;
  if (kind === "toggle") {
    return <ToggleRow label={label} help={help} checked={(value ?? initial) === true} onChange={onChange} />;
  }
  if (kind === "list") {
    return (
      <LinesField
        label={label}
        help={help}
        error={error}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(lines) => onChange(lines.length > 0 ? lines : undefined)}
      />
    );
  }
  return (
    <Field label={label} aside={required ? t("record.required") : undefined} help={help} error={error}>
      {(control) => {
        const placeholder = initial === undefined ? undefined : String(initial);
        if (kind === "choice") {
          return (
            <Select
              {...control}
              value={value === undefined ? "" : JSON.stringify(value)}
              onChange={({ target }) =>
                onChange(choices.find((each) => JSON.stringify(each) === target.value))
              }
            >
              <option value="">{placeholder ?? t("value.none")}</option>
              {choices.map((each) => (
                <option key={JSON.stringify(each)} value={JSON.stringify(each)}>
                  {String(each)}
                </option>
              ))}
            </Select>
          );
        }
        if (kind === "number") {
          return (
            <Input
              {...control}
              type="number"
              step={whole ? 1 : "any"}
              placeholder={placeholder}
              value={typeof value === "number" ? String(value) : ""}
              onChange={({ target }) => onChange(target.value === "" ? undefined : target.valueAsNumber)}
            />
          );
        }
        if (kind === "json") return <JsonValue label={label} value={value} onChange={onChange} />;
        return (
          <Input
            {...control}
            placeholder={placeholder}
            value={typeof value === "string" ? value : ""}
            onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
          />
        );
      }}
    </Field>
  );
}

/** A value that no field fits. What is no JSON yet is kept here until it is. */
function JsonValue({ label, value, onChange }: Pick<EntryProps, "value" | "onChange"> & { label: string }) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  return (
    <CodeEditor
      label={label}
      language="json"
      minLines={2}
      value={text}
      onChange={(next) => {
        setText(next);
        try {
          onChange(next.trim() === "" ? undefined : JSON.parse(next));
        } catch {
          // Half a value is no value: the one before stays until the text is whole.
        }
      }}
    />
  );
}
