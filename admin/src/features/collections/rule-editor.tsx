import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { FlaskConical, Globe, Lock, SquareFunction, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import { type RuleKind, ruleCheckQuery } from "@/api/rules";
import type { Collection, Rule, RuleCheck, RuleProblem } from "@/api/types";
import { CodeEditor, type Diagnostic } from "@/components/code-editor";
import { completeRule, rulePresets } from "@/components/rule-language";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Field } from "@/ui/field";
import { accessOf } from "./rules";
import { TryDialog } from "./try-dialog";
import { useSettled } from "./use-settled";

const pauseMs = 250;

const states = [
  { access: "locked", label: "rule.locked", icon: Lock },
  { access: "public", label: "rule.public", icon: Globe },
  { access: "expression", label: "rule.byRule", icon: SquareFunction },
] as const;

interface RuleEditorProps {
  label: string;
  text: string;
  kind: RuleKind;
  rule: Rule;
  /** As it is being edited, so that completion knows fields that are not saved yet. */
  collection: Collection;
  collections: Collection[];
  problem: string | undefined;
  onChange: (rule: Rule) => void;
}

/** A rule as one of three: locked, for everyone, or an expression that is checked while it is typed. */
export function RuleEditor(props: RuleEditorProps) {
  const { label, text, kind, rule, collection, collections, problem, onChange } = props;
  const groupId = useId();
  const [trying, setTrying] = useState(false);
  // An expression that was emptied is not yet meant for everyone, and one that was put aside may come back.
  const [writing, setWriting] = useState(accessOf(rule) === "expression");
  const [aside, setAside] = useState(rule ?? "");
  const access = writing ? "expression" : accessOf(rule);
  const check = useRuleCheck(collection, rule ?? "", kind, access === "expression");

  const choose = (next: "locked" | "public" | "expression") => {
    if (access === "expression") setAside(rule ?? "");
    setWriting(next === "expression");
    onChange(next === "locked" ? null : next === "public" ? "" : aside);
  };
  const write = (next: string) => {
    setWriting(true);
    onChange(next);
  };

  const firstProblem = check?.valid === false ? check.errors[0] : undefined;
  const message = firstProblem
    ? [firstProblem.message, firstProblem.hint].filter(Boolean).join("; ")
    : problem;
  return (
    <section aria-labelledby={groupId} className="grid gap-3 px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="grid gap-0.5">
          <h2 id={groupId} className="flex items-center gap-2 font-medium">
            {label}
            {access === "public" && <Badge tone="warning">{t("rule.public")}</Badge>}
          </h2>
          <p className="text-ink-soft text-xs leading-5">{text}</p>
        </div>
        <div
          role="radiogroup"
          aria-labelledby={groupId}
          className="flex max-w-full overflow-x-auto rounded-lg border border-line bg-sunken p-0.5"
        >
          {states.map(({ access: state, label: stateLabel, icon: Icon }) => (
            <label
              key={state}
              htmlFor={`${groupId}-${state}`}
              className={cn(
                "flex h-7 cursor-pointer items-center gap-1.5 whitespace-nowrap rounded-md px-2.5 font-medium text-ink-soft text-xs has-focus-visible:outline-2 has-focus-visible:outline-accent",
                state === access && "bg-surface text-ink shadow-lift ring-1 ring-line",
              )}
            >
              <input
                id={`${groupId}-${state}`}
                type="radio"
                name={groupId}
                className="sr-only"
                checked={state === access}
                onChange={() => choose(state)}
              />
              <Icon aria-hidden className="size-3.5" />
              {t(stateLabel)}
            </label>
          ))}
        </div>
      </div>
      {access === "expression" ? (
        <div className="grid gap-2">
          <Field
            label={t("rule.expressionOf", { action: label })}
            error={message}
            className="[&>label]:sr-only"
          >
            {(control) => (
              <CodeEditor
                control={control}
                label={t("rule.expressionOf", { action: label })}
                language="rule"
                minLines={2}
                placeholder={t("rule.placeholder")}
                value={rule ?? ""}
                onChange={write}
                diagnostics={diagnosticsOf(check)}
                complete={(typed, position) => completeRule(typed, position, { collection, collections })}
              />
            )}
          </Field>
          <div className="flex flex-wrap items-center gap-2">
            {rule?.trim() === ""
              ? rulePresets(collection, collections).map((preset) => (
                  <Button key={preset.label} size="sm" variant="ghost" onClick={() => write(preset.rule)}>
                    {preset.label}
                  </Button>
                ))
              : check?.valid && (
                  <p role="status" className="min-w-0 flex-1 text-ink-soft text-sm">
                    {check.explanation ? t("rule.says", { words: check.explanation }) : t("rule.valid")}
                    {check.warnings?.map(({ message: warning }) => (
                      <span key={warning} className="flex items-start gap-1.5 text-warning">
                        <TriangleAlert aria-hidden className="mt-1 size-3.5 shrink-0" />
                        {warning}
                      </span>
                    ))}
                  </p>
                )}
            <Button size="sm" className="ml-auto" onClick={() => setTrying(true)}>
              <FlaskConical aria-hidden />
              {t("try.open")}
            </Button>
          </div>
        </div>
      ) : (
        <p className="text-ink-soft text-sm">
          {access === "locked" ? t("rule.lockedText") : t("rule.publicText")}
        </p>
      )}
      {access !== "expression" && problem && <p className="text-danger text-xs">{problem}</p>}
      {trying && (
        <TryDialog
          collection={collection}
          collections={collections}
          kind={kind}
          label={label}
          rule={rule}
          onClose={() => setTrying(false)}
        />
      )}
    </section>
  );
}

/** What the server says of an expression, a moment after the last key. */
function useRuleCheck(
  collection: Collection,
  rule: string,
  kind: RuleKind,
  enabled: boolean,
): RuleCheck | null | undefined {
  const settled = useSettled(rule, pauseMs);
  const check = useQuery({
    ...ruleCheckQuery(collection.id, settled, kind),
    enabled: enabled && settled.trim() !== "",
    placeholderData: keepPreviousData,
  });
  // What was said of an earlier text is not true of this one.
  return settled === rule && settled.trim() !== "" && !check.isPlaceholderData ? check.data : undefined;
}

function diagnosticsOf(check: RuleCheck | null | undefined): Diagnostic[] {
  const marks = (problems: RuleProblem[] = [], severity: Diagnostic["severity"]) =>
    problems.map(({ start, end, message, hint }) => ({
      from: start,
      to: end,
      message: hint ? `${message}; ${hint}` : message,
      severity,
    }));
  return [...marks(check?.errors, "error"), ...marks(check?.warnings, "warning")];
}
