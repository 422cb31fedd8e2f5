import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

export const inputClasses =
  "h-9 w-full min-w-0 rounded-lg border border-line-strong bg-surface px-3 text-base text-ink shadow-lift transition-[border-color] placeholder:text-ink-soft/80 hover:border-ink-soft focus-visible:border-accent focus-visible:outline-offset-0 disabled:opacity-55 aria-invalid:border-danger aria-invalid:focus-visible:outline-danger sm:text-sm";

/** For names, patterns and code: nobody completes, capitalises or corrects what is typed. */
export const verbatim = { autoComplete: "off", autoCapitalize: "none", spellCheck: false } as const;

/** 16 px on phones, or iOS zooms the page when the input gets the focus. */
export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return <input data-slot="input" type={type} className={cn(inputClasses, className)} {...props} />;
}
