import { useMutation } from "@tanstack/react-query";
import { Check, CircleCheck, Minus, PlugZap, X } from "lucide-react";
import { toApiError } from "@/api/errors";
import { testStorage } from "@/api/queries";
import { describeError } from "@/components/describe-error";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";

/** What is done with the bucket, in this order, and how the permission for it is called. */
const steps = [
  { permission: "s3:PutObject", label: "storage.put" },
  { permission: "s3:GetObject", label: "storage.get" },
  { permission: "s3:ListBucket", label: "storage.list" },
  { permission: "s3:DeleteObject", label: "storage.delete" },
] as const satisfies { permission: string; label: PlainKey }[];

/** Writes and reads a file in the bucket that is saved, and says which permission is missing if one is. */
export function StorageTest({ filesystem, ready }: { filesystem: "storage" | "backups"; ready: boolean }) {
  const attempt = useMutation({ mutationFn: () => testStorage(filesystem) });
  const said = attempt.error && Object.values(toApiError(attempt.error).fields)[0];
  const missing = steps.findIndex(({ permission }) => permission === said?.params?.permission);
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Button size="sm" disabled={!ready} pending={attempt.isPending} onClick={() => attempt.mutate()}>
          {!attempt.isPending && <PlugZap aria-hidden />}
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
        <Alert
          tone="danger"
          title={
            missing < 0
              ? describeError(attempt.error).title
              : t("storage.missing", { permission: steps[missing]?.permission ?? "" })
          }
        >
          <p className="[overflow-wrap:anywhere]">{said?.message ?? describeError(attempt.error).text}</p>
          {missing >= 0 && <Steps missing={missing} />}
        </Alert>
      )}
    </div>
  );
}

/** How far it went: what came before the missing permission worked, of what comes after it nothing is known. */
function Steps({ missing }: { missing: number }) {
  return (
    <ul className="grid gap-1">
      {steps.map(({ permission, label }, place) => {
        const Icon = place < missing ? Check : place === missing ? X : Minus;
        return (
          <li key={permission} className="flex flex-wrap items-center gap-x-2">
            <Icon
              aria-hidden
              className={cn(
                "size-4",
                place < missing && "text-success",
                place === missing && "text-danger",
                place > missing && "text-ink-soft",
              )}
            />
            <span className={cn(place === missing && "font-medium text-ink")}>{t(label)}</span>
            <code className="font-mono text-xs">{permission}</code>
            <span className="sr-only">
              {t(
                place < missing ? "storage.worked" : place === missing ? "storage.failed" : "storage.untold",
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
