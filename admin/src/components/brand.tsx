import { t } from "@/i18n";
import { cn } from "@/ui/cn";

/** A module with the notch of WebAssembly, holding rows: what Tinybase is, in 24 pixels. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("size-6", className)}>
      <path
        className="fill-accent"
        d="M8 2h4.6a3.4 3.4 0 0 0 6.8 0H24a6 6 0 0 1 6 6v16a6 6 0 0 1-6 6H8a6 6 0 0 1-6-6V8a6 6 0 0 1 6-6Z"
      />
      <path
        className="fill-on-accent"
        d="M8.5 12.5h15a1.25 1.25 0 0 1 0 2.5h-15a1.25 1.25 0 0 1 0-2.5Zm0 5h10a1.25 1.25 0 0 1 0 2.5h-10a1.25 1.25 0 0 1 0-2.5Zm0 5h5a1.25 1.25 0 0 1 0 2.5h-5a1.25 1.25 0 0 1 0-2.5Z"
      />
    </svg>
  );
}

export function Brand({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5", className)}>
      <BrandMark />
      <span className="font-semibold text-[0.9375rem] tracking-tight">{t("app.name")}</span>
    </span>
  );
}
