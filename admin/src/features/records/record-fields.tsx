import type { Collection, Field as FieldDefinition, RecordData } from "@/api/types";
import { kindIcon, kindLabel } from "@/components/field-kinds";
import { t } from "@/i18n";
import { Field, Fieldset } from "@/ui/field";
import { editorOf } from "./editors";
import type { RecordForm } from "./use-record-form";

interface RecordFieldsProps {
  collection: Collection;
  record: RecordData | null;
  form: RecordForm;
  /** By name of the field; what the server says of a part of it is under `field.part`. */
  problems: Record<string, string>;
}

const toFill = { "data-fill": "" };
/** The first field that nobody else fills in. */
export const firstToFill = "[data-fill] :is(input, textarea, select, button):not(:disabled)";

export function RecordFields({ collection, record, form, problems }: RecordFieldsProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {form.fields.map((field) => (
        <div key={field.id} className="contents" {...(isDrawn(field) ? {} : toFill)}>
          <RecordField
            field={field}
            collection={collection}
            record={record}
            draft={form.drafts[field.name]}
            problem={problemOf(field, problems)}
            onChange={(draft) => form.set(field.name, draft)}
          />
        </div>
      ))}
    </div>
  );
}

function problemOf({ name }: FieldDefinition, problems: Record<string, string>): string | undefined {
  const own = problems[name] ?? (name === "password" ? problems.passwordConfirm : undefined);
  if (own) return own;
  const within = Object.keys(problems).find((key) => key.startsWith(`${name}.`));
  return within && problems[within];
}

interface RecordFieldProps {
  field: FieldDefinition;
  collection: Collection;
  record: RecordData | null;
  draft: unknown;
  problem: string | undefined;
  onChange: (draft: unknown) => void;
}

function RecordField({ field, collection, record, draft, problem, onChange }: RecordFieldProps) {
  const kind = editorOf(field);
  const { Editor } = kind;
  const help = typeof field.help === "string" && field.help !== "" ? field.help : helpFor(field, record);
  const shared = { field, draft, onChange, collection: collection.name, record };
  if (kind.group) {
    return (
      <Fieldset legend={field.name} aside={<Aside field={field} />} help={help} error={problem}>
        <Editor
          {...shared}
          control={{
            id: `record-${field.id}`,
            "aria-invalid": problem ? true : undefined,
            "aria-describedby": undefined,
          }}
        />
      </Fieldset>
    );
  }
  return (
    <Field label={field.name} aside={<Aside field={field} />} help={help} error={problem}>
      {(control) => <Editor {...shared} control={control} />}
    </Field>
  );
}

function helpFor(field: FieldDefinition, record: RecordData | null): string | undefined {
  return record === null && isDrawn(field) ? t("record.generated") : undefined;
}

/** Whether the server makes a value where there is none, so that nobody has to. */
function isDrawn({ autogeneratePattern }: FieldDefinition): boolean {
  return typeof autogeneratePattern === "string" && autogeneratePattern !== "";
}

function Aside({ field }: { field: FieldDefinition }) {
  const Icon = kindIcon(field.type);
  return (
    <span className="inline-flex items-center gap-1.5">
      {field.required === true && field.type !== "bool" && !isDrawn(field) && (
        <span>{t("record.required")}</span>
      )}
      {field.hidden === true && <span>{t("record.hidden")}</span>}
      <Icon aria-hidden className="size-3.5" />
      {kindLabel(field.type)}
    </span>
  );
}
