import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "@/components/copy-text";
import { t } from "@/i18n";
import { Button } from "@/ui/button";

/** Copies what is made when it is pressed. */
export function CopyAs({ label, text }: { label: string; text: () => string }) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <>
      <Button size="sm" onClick={() => void copyText(text()).then(setCopied)}>
        {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
        {label}
      </Button>
      <span role="status" className="sr-only">
        {copied && t("action.copied")}
      </span>
    </>
  );
}
