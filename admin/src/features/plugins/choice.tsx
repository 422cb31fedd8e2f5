import type { ReactNode } from "react";

interface ChoiceProps {
  id: string;
  title: string;
  text: string;
  children: ReactNode;
}

/** One choice with what it means. All of it can be pressed. */
export function Choice({ id, title, text, children }: ChoiceProps) {
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
