import { type PlainKey, t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Select } from "@/ui/select";
import type { EntryProps } from "./part-entries";

export interface LimitRule {
  /** `collection:tag`, `*:tag`, `METHOD /path`, `/path`, or `/path/` for all that begin so. */
  label: string;
  /** Empty, `@guest` or `@auth`. */
  audience: string;
  /** Seconds. */
  duration: number;
  maxRequests: number;
}

const audiences: { value: string; label: PlainKey }[] = [
  { value: "", label: "limits.everybody" },
  { value: "@guest", label: "limits.guests" },
  { value: "@auth", label: "limits.users" },
];

export function RateRule({ entry: rule, problem, whole, onChange }: EntryProps<LimitRule>) {
  const number = (field: "duration" | "maxRequests", label: PlainKey) => (
    <Field label={t(label)} error={problem(field)}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={1}
          className="tabular-nums"
          value={Number.isNaN(rule[field]) ? "" : String(rule[field])}
          onChange={({ target }) =>
            onChange({ ...rule, [field]: target.value === "" ? 0 : target.valueAsNumber })
          }
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-[minmax(0,1fr)_9rem_7rem_7rem]">
      <Field label={t("limits.label")} error={problem("label") ?? whole} className="max-md:col-span-2">
        {(control) => (
          <Input
            {...control}
            {...verbatim}
            placeholder={t("limits.labelHint")}
            className="font-mono text-base sm:text-[0.8125rem]"
            value={rule.label}
            onChange={(event) => onChange({ ...rule, label: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("limits.audience")} error={problem("audience")} className="max-md:col-span-2">
        {(control) => (
          <Select
            {...control}
            value={rule.audience}
            onChange={(event) => onChange({ ...rule, audience: event.target.value })}
          >
            {audiences.map(({ value, label }) => (
              <option key={value} value={value}>
                {t(label)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {number("maxRequests", "limits.requests")}
      {number("duration", "limits.seconds")}
    </div>
  );
}
