/** The parts of the attach form that are choices. */
import type { ReactNode } from "react";
import { Controller, type UseFormReturn } from "react-hook-form";
import type { AttachmentDraft, FailurePolicy } from "@/api/types";
import { t } from "@/i18n";
import { Checkbox } from "@/ui/checkbox";
import { Fieldset } from "@/ui/field";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";
import type { Hook } from "./hooks";

interface FormProps {
  form: UseFormReturn<AttachmentDraft>;
}

export function HooksField({ form, hooks }: FormProps & { hooks: Hook[] }) {
  return (
    <Controller
      control={form.control}
      name="hooks"
      render={({ field: { value, onChange, ref }, fieldState }) => (
        <Fieldset legend={t("attach.hooks")} help={t("attach.hooksHelp")} error={fieldState.error?.message}>
          <div className="grid gap-2">
            {hooks.map((hook, index) => (
              <Choice key={hook.name} id={`hook-${hook.name}`} title={t(hook.label)} text={t(hook.text)}>
                <Checkbox
                  ref={index === 0 ? ref : undefined}
                  id={`hook-${hook.name}`}
                  checked={value.includes(hook.name)}
                  onCheckedChange={(checked) =>
                    onChange(
                      checked ? [...value, hook.name] : value.filter((name: string) => name !== hook.name),
                    )
                  }
                />
              </Choice>
            ))}
          </div>
        </Fieldset>
      )}
    />
  );
}

const policies = [
  { value: "closed", title: "attach.failure.closed", text: "attach.failure.closedText" },
  { value: "open", title: "attach.failure.open", text: "attach.failure.openText" },
] as const satisfies { value: FailurePolicy; [words: string]: string }[];

export function FailureField({ form }: FormProps) {
  return (
    <Controller
      control={form.control}
      name="onFailure"
      render={({ field: { value, onChange } }) => (
        <Fieldset legend={t("attach.failure")}>
          <RadioGroup value={value} onValueChange={onChange} aria-label={t("attach.failure")}>
            {policies.map((policy) => (
              <Choice
                key={policy.value}
                id={`failure-${policy.value}`}
                title={t(policy.title)}
                text={t(policy.text)}
              >
                <RadioGroupItem id={`failure-${policy.value}`} value={policy.value} />
              </Choice>
            ))}
          </RadioGroup>
        </Fieldset>
      )}
    />
  );
}

interface ChoiceProps {
  id: string;
  title: string;
  text: string;
  children: ReactNode;
}

/** One choice with what it means. All of it can be pressed. */
function Choice({ id, title, text, children }: ChoiceProps) {
  return (
    <label
      htmlFor={id}
      className="flex cursor-pointer gap-3 rounded-lg border border-line px-3.5 py-2.5 transition-colors hover:bg-hover/55 has-data-[state=checked]:border-accent/60 has-data-[state=checked]:bg-accent-soft/60"
    >
      <span className="mt-0.5">{children}</span>
      <span className="grid gap-0.5">
        <span className="font-medium text-sm">{title}</span>
        <span className="text-ink-soft text-xs leading-5">{text}</span>
      </span>
    </label>
  );
}
