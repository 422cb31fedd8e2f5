/** The parts of the attach form that are choices. */
import { Controller, type UseFormReturn } from "react-hook-form";
import type { AttachmentDraft, FailurePolicy } from "@/api/types";
import { t } from "@/i18n";
import { Checkbox } from "@/ui/checkbox";
import { Fieldset } from "@/ui/field";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";
import { Choice } from "./choice";
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
