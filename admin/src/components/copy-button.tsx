import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
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

/**
 * The clipboard interface exists only over https and on localhost, and a dashboard is often opened by the
 * address of a machine in the same network: there the old way, through a selection, still works.
 */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
