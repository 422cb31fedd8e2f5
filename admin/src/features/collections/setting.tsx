import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/queries";
import type { Field as FieldDefinition } from "@/api/types";
import { CollectionIcon } from "@/components/collection-type";
import { Combobox } from "@/components/combobox";
import { ToggleRow } from "@/components/toggle-row";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { Textarea } from "@/ui/textarea";
import type { Setting } from "./field-settings";
import { JsonSetting } from "./json-setting";

interface SettingProps {
  setting: Setting;
  field: FieldDefinition;
  isNew: boolean;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

/** One setting of a field, as its kind of control. */
export function SettingControl({ setting, field, isNew, error, onChange }: SettingProps) {
  const { key, label, help, control, nullable, fixed } = setting;
  const value = field[key];
  const locked = fixed === true && !isNew;
  if (control === "bool") {
    return <ToggleRow label={t(label)} help={help && t(help)} checked={value === true} onChange={onChange} />;
  }
  const helpText = control === "size" ? sizeHelp(value) : help && t(help);
  return (
    <Field label={t(label)} help={locked ? t("setting.fixed") : helpText} error={error}>
      {(props) => {
        if (control === "collection") {
          return (
            <CollectionChoice
              control={props}
              value={String(value ?? "")}
              locked={locked}
              onChange={onChange}
            />
          );
        }
        if (control === "json") {
          return <JsonSetting control={props} label={t(label)} value={value} onChange={onChange} />;
        }
        if (typeof control === "object") {
          return (
            <Select
              {...props}
              className="max-w-56"
              disabled={locked}
              value={String(value ?? control.choices[0])}
              onChange={(event) => onChange(event.target.value)}
            >
              {control.choices.map((choice) => (
                <option key={choice} value={choice}>
                  {choice}
                </option>
              ))}
            </Select>
          );
        }
        if (control === "lines") {
          const lines = Array.isArray(value) ? value.map(String) : [];
          return (
            <Textarea
              {...props}
              rows={Math.max(3, Math.min(lines.length + 1, 8))}
              value={lines.join("\n")}
              spellCheck={false}
              onChange={(event) => onChange(linesOf(event.target.value))}
              // Blank lines stay while somebody types, and go when they are done.
              onBlur={() => onChange(lines.map((line) => line.trim()).filter((line) => line !== ""))}
            />
          );
        }
        if (control === "number" || control === "size") {
          const shown = typeof value === "number" && (value !== 0 || nullable) ? String(value) : "";
          return (
            <Input
              {...props}
              type="number"
              inputMode="decimal"
              className="max-w-56 tabular-nums"
              disabled={locked}
              value={shown}
              onChange={({ target }) =>
                onChange(target.value === "" ? (nullable ? null : 0) : target.valueAsNumber)
              }
            />
          );
        }
        return (
          <Input
            {...props}
            autoComplete="off"
            spellCheck={false}
            className={control === "text" ? "font-mono text-[0.8125rem]" : undefined}
            placeholder={control === "date" ? t("setting.dateHint") : undefined}
            value={typeof value === "string" ? value : ""}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}

const linesOf = (text: string) => (text === "" ? [] : text.split("\n"));

function sizeHelp(value: unknown): string {
  return typeof value === "number" && value > 0
    ? t("setting.sizeIs", { size: formatBytes(value) })
    : t("setting.sizeHelp");
}

interface CollectionChoiceProps {
  control: Parameters<typeof Combobox>[0]["control"];
  value: string;
  locked: boolean;
  onChange: (value: unknown) => void;
}

function CollectionChoice({ control, value, locked, onChange }: CollectionChoiceProps) {
  const collections = useQuery(collectionsQuery());
  const options = (collections.data ?? []).map(({ id, name, type }) => ({
    value: id,
    label: name,
    icon: <CollectionIcon type={type} className="text-ink-soft" />,
  }));
  if (locked) {
    return (
      <Input {...control} disabled value={options.find((option) => option.value === value)?.label ?? value} />
    );
  }
  return (
    <Combobox
      control={control}
      options={options}
      value={value}
      onChange={onChange}
      placeholder={t("setting.collectionChoose")}
      searchLabel={t("collections.search")}
    />
  );
}
