import { CircleAlert } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "@/ui/cn";
import { Label } from "@/ui/label";

/** What the control inside a field must carry, so that label, help and error belong to it. */
export interface ControlProps {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

interface FieldProps {
  label: string;
  /** At the right of the label: the kind, a button. */
  aside?: ReactNode;
  help?: ReactNode;
  error?: string;
  className?: string;
  children: (control: ControlProps) => ReactNode;
}

/** A control with its label, its help and, when it is wrong, the reason. */
export function Field({ label, aside, help, error, className, children }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div data-slot="field" className={cn("grid grid-cols-[minmax(0,1fr)] gap-1.5", className)}>
      {aside ? (
        <div className="flex items-baseline justify-between gap-3">
          <Label htmlFor={id} className="min-w-0 [overflow-wrap:anywhere]">
            {label}
          </Label>
          <span className="shrink-0 text-ink-soft text-xs">{aside}</span>
        </div>
      ) : (
        <Label htmlFor={id}>{label}</Label>
      )}
      {children({ id, "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined })}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {help && <FieldHelp id={`${id}-help`}>{help}</FieldHelp>}
    </div>
  );
}

interface FieldsetProps {
  legend: string;
  /** At the right of the legend. */
  aside?: ReactNode;
  help?: ReactNode;
  error?: string;
  children: ReactNode;
}

/** Several controls that answer one question. */
export function Fieldset({ legend, aside, help, error, children }: FieldsetProps) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset
      data-slot="fieldset"
      className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-1.5"
      aria-describedby={described || undefined}
    >
      <legend className="mb-1.5 flex w-full items-baseline justify-between gap-3 font-medium text-[0.8125rem] text-ink">
        {legend}
        {aside && <span className="shrink-0 font-normal text-ink-soft text-xs">{aside}</span>}
      </legend>
      {help && <FieldHelp id={`${id}-help`}>{help}</FieldHelp>}
      {children}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </fieldset>
  );
}

function FieldHelp({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className="text-ink-soft text-xs leading-5">
      {children}
    </p>
  );
}

export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} data-slot="field-error" className="flex items-start gap-1.5 text-danger text-xs leading-5">
      <CircleAlert aria-hidden className="mt-[3px] size-3.5 shrink-0" />
      {children}
    </p>
  );
}
