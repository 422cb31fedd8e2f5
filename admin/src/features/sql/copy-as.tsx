import { Check, Copy } from "lucide-react";
import { useCopied } from "@/components/use-copied";
import { t } from "@/i18n";
import { Button } from "@/ui/button";

/** Copies what is made when it is pressed. */
export function CopyAs({ label, text }: { label: string; text: () => string }) {
  const { copied, copy } = useCopied();

  return (
    <>
      <Button size="sm" onClick={() => copy(text())}>
        {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
        {label}
      </Button>
      <span role="status" className="sr-only">
        {copied && t("action.copied")}
      </span>
    </>
  );
}
