import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { endCanary, type HookFigures, metricsQuery, setCanary } from "@/api/plugin-watch";
import { keys } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { describeError } from "@/components/describe-error";
import { FormAlert } from "@/components/form-alert";
import { formatMilliseconds, formatNumber } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";
import { sideBySide } from "./comparison";
import { MisfitsAlert } from "./misfit-list";
import { type Misfit, misfitsOf } from "./misfits";

interface CanaryProps {
  plugin: Plugin;
  /** Asks to call the version everywhere. */
  onPromote: (version: string) => void;
}

/** While a version gets a share of the calls: how it does beside the other, and both ways out. */
export function Canary({ plugin, onPromote }: CanaryProps) {
  const queryClient = useQueryClient();
  const { canary } = plugin;
  const metrics = useQuery({ ...metricsQuery(plugin.id), enabled: Boolean(canary) });
  const end = useMutation({
    mutationFn: () => endCanary(plugin.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t("canary.ended"));
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });
  if (!canary) return null;
  return (
    <Alert
      title={t("canary.running", { version: canary.version, share: canary.share })}
      actions={
        <>
          <Button size="sm" variant="primary" onClick={() => onPromote(canary.version)}>
            {t("canary.promote")}
          </Button>
          <Button size="sm" pending={end.isPending} onClick={() => end.mutate()}>
            {t("canary.end")}
          </Button>
        </>
      }
    >
      <Compared versions={[plugin.version, canary.version]} hooks={metrics.data?.hooks ?? []} />
    </Alert>
  );
}

function Compared({ versions, hooks }: { versions: [string, string]; hooks: HookFigures[] }) {
  const rows = sideBySide(hooks, versions);
  return (
    <table className="w-full max-w-md text-left text-sm tabular-nums">
      <thead className="text-xs">
        <tr>
          <th className="py-1 font-medium">{t("versions.version")}</th>
          <th className="py-1 font-medium">{t("metrics.calls")}</th>
          <th className="py-1 font-medium">{t("metrics.failures")}</th>
          <th className="py-1 font-medium">{t("canary.slowest")}</th>
        </tr>
      </thead>
      <tbody className="text-ink">
        {rows.map(({ version, calls, failures, wallMs }) => (
          <tr key={version}>
            <td className="py-0.5">{version}</td>
            <td className="py-0.5">{formatNumber(calls)}</td>
            <td className="py-0.5">{formatNumber(failures)}</td>
            <td className="py-0.5">{calls > 0 ? formatMilliseconds(wallMs) : t("value.none")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CanaryDialogProps {
  plugin: Plugin;
  version: Plugin | null;
  onClose: () => void;
}

const usualShare = 10;

/** Lets a version have some of the calls, to see how it does before it has all of them. */
export function CanaryDialog({ plugin, version, onClose }: CanaryDialogProps) {
  return (
    <Dialog open={version !== null} onOpenChange={(open) => !open && onClose()}>
      {version && (
        <DialogContent
          title={t("canary.title", { version: version.version })}
          description={t("canary.text", { current: plugin.version })}
          closeLabel={t("action.close")}
        >
          <CanaryForm plugin={plugin} version={version} onClose={onClose} />
        </DialogContent>
      )}
    </Dialog>
  );
}

function CanaryForm({ plugin, version, onClose }: { plugin: Plugin; version: Plugin; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [share, setShare] = useState(String(usualShare));
  const [misfits, setMisfits] = useState<Misfit[]>([]);
  const start = useMutation({
    mutationFn: (force: boolean) => setCanary(plugin.id, version.version, Number(share), force),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t("canary.started", { version: version.version }));
      onClose();
    },
    onError: (error) => {
      const found = misfitsOf(error);
      if (found.length > 0) setMisfits(found);
    },
  });
  const pending = start.isPending ? (start.variables ? "forced" : "plain") : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!start.isPending) start.mutate(false);
  };
  const problem = start.error && toApiError(start.error).fields.share?.message;
  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <DialogBody className="grid content-start gap-4">
        {misfitsOf(start.error).length === 0 && <FormAlert error={start.error} fields={["share"]} />}
        {misfits.length > 0 && (
          <MisfitsAlert
            plugin={plugin}
            version={version.version}
            misfits={misfits}
            pending={pending}
            onForce={() => start.mutate(true)}
            onLeave={onClose}
          />
        )}
        <Field label={t("canary.share")} error={problem ?? undefined}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={99}
              className="max-w-32"
              value={share}
              onChange={({ target }) => setShare(target.value)}
            />
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={pending === "plain"} disabled={pending === "forced"}>
          {t("canary.start")}
        </Button>
      </DialogFooter>
    </form>
  );
}
