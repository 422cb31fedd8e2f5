import { Check, Copy } from "lucide-react";
import { useCopied } from "@/components/use-copied";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";

interface CopyButtonProps {
  value: string;
  /** What is copied, for the name of the button: `request id`. */
  what?: string;
  className?: string;
}

export function CopyButton({ value, what, className }: CopyButtonProps) {
  const { copied, copy } = useCopied();
  const label = what ? t("action.copyOf", { what }) : t("action.copy");

  return (
    <>
      {/* The browser's own hint: errors carry this button, and must not need code that is still to be fetched. */}
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={label}
        title={label}
        className={cn("relative z-10", className)}
        onClick={() => copy(value)}
      >
        {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
      </Button>
      <span role="status" className="sr-only">
        {copied && t("action.copied")}
      </span>
    </>
  );
}
