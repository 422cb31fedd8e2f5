import { useMutation } from "@tanstack/react-query";
import { Check, CircleCheck, Minus, PlugZap, X } from "lucide-react";
import { toApiError } from "@/api/errors";
import { testStorage } from "@/api/settings";
import { describeError } from "@/components/describe-error";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Folded } from "@/ui/folded";

/** What is done with the bucket, in this order, and how the permission for it is called. */
const steps = [
  { permission: "s3:PutObject", label: "storage.put" },
  { permission: "s3:GetObject", label: "storage.get" },
  { permission: "s3:ListBucket", label: "storage.list" },
  { permission: "s3:DeleteObject", label: "storage.delete" },
] as const satisfies { permission: string; label: PlainKey }[];

/** What is wrong with a bucket, by the code of it, and what to do about it. A newer server may say more than this. */
const flaws: Record<string, { title: PlainKey; text: PlainKey }> = {
  validation_s3_address: { title: "storage.flaw.address", text: "storage.flaw.addressText" },
  validation_s3_bucket: { title: "storage.flaw.bucket", text: "storage.flaw.bucketText" },
  validation_s3_certificate: { title: "storage.flaw.certificate", text: "storage.flaw.certificateText" },
  validation_s3_clock: { title: "storage.flaw.clock", text: "storage.flaw.clockText" },
  validation_s3_full: { title: "storage.flaw.full", text: "storage.flaw.fullText" },
  validation_s3_host: { title: "storage.flaw.host", text: "storage.flaw.hostText" },
  validation_s3_key: { title: "storage.flaw.key", text: "storage.flaw.keyText" },
  validation_s3_other: { title: "storage.flaw.other", text: "storage.flaw.otherText" },
  validation_s3_permission: { title: "storage.flaw.permission", text: "storage.flaw.permissionText" },
  validation_s3_refused: { title: "storage.flaw.refused", text: "storage.flaw.refusedText" },
  validation_s3_region: { title: "storage.flaw.region", text: "storage.flaw.regionText" },
  validation_s3_secret: { title: "storage.flaw.secret", text: "storage.flaw.secretText" },
  validation_s3_silent: { title: "storage.flaw.silent", text: "storage.flaw.silentText" },
  validation_s3_stranger: { title: "storage.flaw.stranger", text: "storage.flaw.strangerText" },
  validation_s3_tls: { title: "storage.flaw.tls", text: "storage.flaw.tlsText" },
};
/** Those where the way to the bucket is at fault, and not one of the steps. */
const unreached = ["address", "certificate", "host", "refused", "silent", "stranger", "tls"];

/** Writes and reads a file in the bucket that is saved, and says in words what is wrong with it if something is. */
export function StorageTest({ filesystem, ready }: { filesystem: "storage" | "backups"; ready: boolean }) {
  const attempt = useMutation({ mutationFn: () => testStorage(filesystem) });
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
      {attempt.error && <Failure error={attempt.error} />}
    </div>
  );
}

/** What is wrong and what helps, how far it went, and in a fold the words of the bucket. */
function Failure({ error }: { error: Error }) {
  const said = Object.values(toApiError(error).fields)[0];
  const flaw = flaws[said?.code ?? ""];
  const { title, text } = describeError(error);
  const details = said?.params?.details;
  const isOnTheWay = unreached.some((each) => said?.code === `validation_s3_${each}`);
  const missing = steps.findIndex(({ permission }) => permission === said?.params?.permission);
  return (
    <Alert tone="danger" title={flaw ? t(flaw.title) : title}>
      <p className="[overflow-wrap:anywhere]">
        {said?.message ?? text} {flaw && t(flaw.text)}
      </p>
      {missing >= 0 && !isOnTheWay && <Steps missing={missing} />}
      {typeof details === "string" && details !== "" && (
        <Folded title={t("storage.details")}>
          <p className="whitespace-pre-wrap font-mono text-xs leading-5 [overflow-wrap:anywhere]">
            {details}
          </p>
        </Folded>
      )}
    </Alert>
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
