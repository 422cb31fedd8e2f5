import { useMutation } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { toApiError } from "@/api/errors";
import { testSync } from "@/api/sync";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";

interface SyncTestProps {
  /** As they are typed; of a token that is kept, nothing is known here. */
  url: string;
  token: string | undefined;
}

/** Tries the address and the token as they are typed, and shows what was said. */
export function SyncTest({ url, token }: SyncTestProps) {
  const attempt = useMutation({
    mutationFn: () => testSync(token === undefined ? { url } : { url, authToken: token }),
  });
  const fault = attempt.error && Object.values(toApiError(attempt.error).fields)[0];
  const said = attempt.data ?? fault?.params?.dialogue;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2 border-line border-t pt-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Button
          size="sm"
          disabled={url.trim() === ""}
          pending={attempt.isPending}
          onClick={() => attempt.mutate()}
        >
          {!attempt.isPending && <PlugZap aria-hidden />}
          {t("sync.test")}
        </Button>
        <span className="text-ink-soft text-sm">{t("sync.testText")}</span>
      </div>
      {(attempt.isSuccess || attempt.error) && (
        <Alert
          tone={attempt.isSuccess ? "success" : "danger"}
          title={t(attempt.isSuccess ? "sync.testDone" : "sync.testFailed")}
        >
          {attempt.error && (
            <p className="[overflow-wrap:anywhere]">{fault?.message ?? describeError(attempt.error).text}</p>
          )}
          {Array.isArray(said) && (
            <section
              aria-label={t("sync.dialogue")}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
              tabIndex={0}
              className="max-h-48 overflow-auto whitespace-pre rounded-md bg-surface p-2.5 font-mono text-ink text-xs leading-5"
            >
              {said.join("\n")}
            </section>
          )}
        </Alert>
      )}
    </div>
  );
}
