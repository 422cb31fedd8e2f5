import { useState } from "react";
import type { Rule } from "@/api/types";
import { type PlainKey, t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Select } from "@/ui/select";
import { Textarea } from "@/ui/textarea";
import type { EntryProps } from "./part-entries";

export interface TopicRules {
  /** `rooms/{room}`: words, names and `*` between slashes. */
  pattern: string;
  subscribeRule: Rule;
  publishRule: Rule;
  presenceRule: Rule;
}

const rules = [
  { key: "subscribeRule", label: "topics.subscribe" },
  { key: "publishRule", label: "topics.publish" },
  { key: "presenceRule", label: "topics.presence" },
] as const;

export function TopicName({ entry: topic, problem, whole, onChange }: EntryProps<TopicRules>) {
  return (
    <Field label={t("topics.topic")} error={problem("pattern") ?? whole}>
      {(control) => (
        <Input
          {...control}
          {...verbatim}
          placeholder={t("topics.hint", { name: "{room}" })}
          className="max-w-md font-mono text-base sm:text-[0.8125rem]"
          value={topic.pattern}
          onChange={(event) => onChange({ ...topic, pattern: event.target.value })}
        />
      )}
    </Field>
  );
}

export function TopicAccess({ entry: topic, problem, onChange }: EntryProps<TopicRules>) {
  return (
    <div className="grid items-start gap-3 lg:grid-cols-3">
      {rules.map(({ key, label }) => (
        <TopicRule
          key={key}
          label={label}
          rule={topic[key]}
          problem={problem(key)}
          onChange={(rule) => onChange({ ...topic, [key]: rule })}
        />
      ))}
    </div>
  );
}

const accesses: { value: "locked" | "public" | "expression"; label: PlainKey }[] = [
  { value: "locked", label: "rule.locked" },
  { value: "public", label: "rule.public" },
  { value: "expression", label: "rule.expression" },
];

/** What stands in a rule whose kind was just chosen. */
const begun = { locked: null, public: "", expression: '@request.auth.id != ""' };

interface TopicRuleProps {
  label: PlainKey;
  rule: Rule;
  problem: string | undefined;
  onChange: (rule: Rule) => void;
}

/** Superusers only, everybody, or whom an expression says, also while nothing of it is typed. */
function TopicRule({ label, rule, problem, onChange }: TopicRuleProps) {
  const [writing, setWriting] = useState(Boolean(rule));
  const access = rule === null ? "locked" : rule !== "" || writing ? "expression" : "public";
  return (
    <div className="grid gap-2">
      <Field label={t(label)} error={access === "expression" ? undefined : problem}>
        {(control) => (
          <Select
            {...control}
            value={access}
            onChange={({ target }) => {
              setWriting(target.value === "expression");
              onChange(begun[target.value as keyof typeof begun]);
            }}
          >
            {accesses.map((each) => (
              <option key={each.value} value={each.value}>
                {t(each.label)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {access === "expression" && (
        <Field
          label={t("topics.expression", { rule: t(label) })}
          error={problem}
          help={rule === "" ? t("topics.emptyRule") : undefined}
        >
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              {...verbatim}
              className="font-mono text-base sm:text-[0.8125rem]"
              value={rule ?? ""}
              onChange={({ target }) => {
                // Who empties it writes another one, and does not let everybody in.
                setWriting(true);
                onChange(target.value);
              }}
            />
          )}
        </Field>
      )}
    </div>
  );
}
