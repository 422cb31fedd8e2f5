import { X } from "lucide-react";
import { MoveButtons } from "@/components/move-buttons";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

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

interface RateRuleProps {
  rule: LimitRule;
  index: number;
  count: number;
  problem: (field: keyof LimitRule) => string | undefined;
  /** What is wrong with the rule as a whole. */
  whole: string | undefined;
  onChange: (rule: LimitRule) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

export function RateRule({ rule, index, count, problem, whole, onChange, onMove, onRemove }: RateRuleProps) {
  const place = index + 1;
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
    <li>
      <fieldset className="grid gap-3 rounded-lg border border-line p-3">
        <legend className="sr-only">{t("limits.rule", { place })}</legend>
        <div className="grid grid-cols-2 gap-3 md:grid-cols-[minmax(0,1fr)_9rem_7rem_7rem_auto]">
          <Field label={t("limits.label")} error={problem("label") ?? whole} className="max-md:col-span-2">
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
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
          <span className="flex items-center gap-1 max-md:col-span-2 max-md:justify-end md:pt-6">
            <MoveButtons
              index={index}
              count={count}
              upLabel={t("limits.up", { place })}
              downLabel={t("limits.down", { place })}
              onMove={onMove}
            />
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("limits.remove", { place })}
              onClick={onRemove}
            >
              <X aria-hidden />
            </Button>
          </span>
        </div>
      </fieldset>
    </li>
  );
}
