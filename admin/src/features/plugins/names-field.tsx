import { useId } from "react";
import { t } from "@/i18n";
import { Checkbox } from "@/ui/checkbox";
import { Fieldset } from "@/ui/field";

interface NamesFieldProps {
  label: string;
  names: string[];
  /** `null` is all of them. */
  chosen: string[] | null;
  error: string | undefined;
  onChange: (chosen: string[] | null) => void;
}

/** All names, or some of them. */
export function NamesField({ label, names, chosen, error, onChange }: NamesFieldProps) {
  const id = useId();
  return (
    <Fieldset legend={label} error={error}>
      <div className="flex flex-wrap gap-2">
        <Choice
          id={`${id}-all`}
          label={t("attachment.allFields")}
          checked={chosen === null}
          onChange={(on) => onChange(on ? null : [])}
        />
        {chosen !== null &&
          names.map((name) => (
            <Choice
              key={name}
              id={`${id}-${name}`}
              label={name}
              mono
              checked={chosen.includes(name)}
              onChange={(on) => onChange(on ? [...chosen, name] : chosen.filter((each) => each !== name))}
            />
          ))}
      </div>
    </Fieldset>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  mono?: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Choice({ id, label, mono, checked, onChange }: ChoiceProps) {
  return (
    <label
      htmlFor={id}
      className="flex min-h-8 cursor-pointer items-center gap-2 rounded-lg border border-line px-2.5 text-sm hover:bg-hover/55 has-data-[state=checked]:border-accent/60 has-data-[state=checked]:bg-accent-soft/60"
    >
      <Checkbox id={id} checked={checked} onCheckedChange={(on) => onChange(on === true)} />
      <span className={mono ? "font-mono text-[0.8125rem]" : undefined}>{label}</span>
    </label>
  );
}
