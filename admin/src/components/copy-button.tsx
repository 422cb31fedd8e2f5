import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "@/components/copy-text";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Tooltip } from "@/ui/tooltip";

interface CopyButtonProps {
  value: string;
  /** What is copied, for the name of the button: `request id`. */
  what?: string;
  className?: string;
}

export function CopyButton({ value, what, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const label = what ? t("action.copyOf", { what }) : t("action.copy");

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <>
      <Tooltip content={copied ? t("action.copied") : label}>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={label}
          className={cn("relative z-10", className)}
          onClick={() => void copyText(value).then(setCopied)}
        >
          {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
        </Button>
      </Tooltip>
      <span role="status" className="sr-only">
        {copied && t("action.copied")}
      </span>
    </>
  );
}
