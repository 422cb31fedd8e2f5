import { type ReactNode, useId } from "react";
import { Label } from "@/ui/label";
import { Switch } from "@/ui/switch";

interface ToggleRowProps {
  label: string;
  help?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** A switch with what it is for, over the whole width. */
export function ToggleRow({ label, help, checked, disabled, onChange }: ToggleRowProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4">
      <div className="grid gap-0.5">
        <Label htmlFor={id}>{label}</Label>
        {help && (
          <p id={`${id}-help`} className="text-ink-soft text-xs leading-5">
            {help}
          </p>
        )}
      </div>
      <Switch
        id={id}
        aria-describedby={help ? `${id}-help` : undefined}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
      />
    </div>
  );
}
