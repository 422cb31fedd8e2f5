import { useMutation } from "@tanstack/react-query";
import { CircleCheck, PlugZap } from "lucide-react";
import { toApiError } from "@/api/errors";
import { testStorage } from "@/api/queries";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";

/** Writes and reads a file in the bucket that is saved. */
export function StorageTest({ filesystem, ready }: { filesystem: "storage" | "backups"; ready: boolean }) {
  const attempt = useMutation({ mutationFn: () => testStorage(filesystem) });
  const said = attempt.error && Object.values(toApiError(attempt.error).fields)[0]?.message;
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-3">
        <Button size="sm" disabled={!ready} pending={attempt.isPending} onClick={() => attempt.mutate()}>
          <PlugZap aria-hidden />
          {t("settings.test")}
        </Button>
        <span role="status" className="text-ink-soft text-sm">
          {attempt.isSuccess && (
            <span className="inline-flex items-center gap-1.5 text-success">
              <CircleCheck aria-hidden className="size-4" />
              {t("settings.testDone")}
            </span>
          )}
          {!ready && t("settings.testFirst")}
        </span>
      </div>
      {attempt.error && (
        <Alert tone="danger" title={describeError(attempt.error).title}>
          {said ?? describeError(attempt.error).text}
        </Alert>
      )}
    </div>
  );
}
