import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiKey, rotateKey, type ToldKey } from "@/api/keys";
import { CopyButton } from "@/components/copy-button";
import { FormAlert } from "@/components/form-alert";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";

const overlaps: { seconds: number; label: PlainKey }[] = [
  { seconds: 0, label: "apiKeys.overlapNone" },
  { seconds: 3600, label: "apiKeys.overlapHour" },
  { seconds: 86_400, label: "apiKeys.overlapDay" },
  { seconds: 604_800, label: "apiKeys.overlapWeek" },
];

interface RotateDialogProps {
  entry: ApiKey;
  onClose: () => void;
  onRotated: (told: ToldKey) => void;
}

/** Another secret for the same key; the one before may stay good for a while, so that nothing stops in between. */
export function RotateDialog({ entry, onClose, onRotated }: RotateDialogProps) {
  const [overlap, setOverlap] = useState(0);
  const rotate = useMutation({ mutationFn: () => rotateKey(entry.id, overlap), onSuccess: onRotated });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t("apiKeys.rotateTitle", { name: entry.name })}
        description={t("apiKeys.rotateText")}
        closeLabel={t("action.close")}
      >
        <DialogBody className="grid content-start gap-5">
          <FormAlert error={rotate.error} fields={[]} onRetry={() => rotate.mutate()} />
          <Field label={t("apiKeys.overlap")}>
            {(control) => (
              <Select
                {...control}
                value={overlap}
                onChange={(event) => setOverlap(Number(event.target.value))}
              >
                {overlaps.map(({ seconds, label }) => (
                  <option key={seconds} value={seconds}>
                    {t(label)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button variant="primary" pending={rotate.isPending} onClick={() => rotate.mutate()}>
            {t("apiKeys.rotate")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

/** The key itself, this once. A press outside does not take it away. */
export function ToldDialog({ told, onClose }: { told: ToldKey; onClose: () => void }) {
  const curl = `curl -H 'Authorization: Bearer ${told.key}' ${window.location.origin}${opened(told.scopes)}`;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t("apiKeys.toldTitle", { name: told.name })}
        closeLabel={t("action.close")}
        onInteractOutside={(event) => event.preventDefault()}
      >
        <DialogBody className="grid content-start gap-4">
          <Alert tone="warning" title={t("apiKeys.toldOnce")} />
          <Told label={t("apiKeys.key")} value={told.key} />
          <Told label={t("apiKeys.env")} value={`TINYBASE_KEY=${told.key}`} />
          <Told label={t("apiKeys.tryIt")} value={curl} />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onClick={onClose}>
            {t("apiKeys.kept")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

function Told({ label, value }: { label: string; value: string }) {
  return (
    <div className="grid gap-1">
      <p className="text-ink-soft text-xs">{label}</p>
      <p className="flex items-start gap-2 rounded-lg border border-line bg-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 py-0.5 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
          {value}
        </code>
        <CopyButton value={value} what={label} />
      </p>
    </div>
  );
}

/** An address that the key opens, as far as its scopes name one. */
function opened(scopes: string[]): string {
  const [name] = scopes.flatMap((scope) => /^([^:*]+):(?:list|\*)$/.exec(scope)?.[1] ?? []);
  return name ? `/api/collections/${name}/records` : "/api/health";
}
