import { Minus, Plus } from "lucide-react";
import type { Plugin } from "@/api/types";
import { describeError } from "@/components/describe-error";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { describeCapabilities } from "./capabilities";
import { MisfitsAlert } from "./misfit-list";
import { type Misfit, misfitsOf } from "./misfits";
import { asksMore, type Change, versionDiff } from "./version-diff";

interface VersionDialogProps {
  plugin: Plugin;
  /** The version that would be called, or `null` while the dialog is closed. */
  version: Plugin | null;
  /** While the server is asked: with `force`, or without. */
  pending: "forced" | "plain" | null;
  error: Error | null;
  /** What of the configurations it was said not to accept. */
  misfits: Misfit[];
  onConfirm: (version: Plugin, force: boolean) => void;
  onClose: () => void;
}

/** Before another version is called: what it exports and asks for that the present one does not, and the other way round. */
export function VersionDialog(props: VersionDialogProps) {
  const { plugin, version, pending, error, misfits, onConfirm, onClose } = props;
  return (
    <Dialog open={version !== null} onOpenChange={(open) => !open && onClose()}>
      {version && (
        <DialogContent
          title={t(isBack(plugin, version) ? "versions.backTitle" : "versions.activateTitle", {
            version: version.version,
          })}
          description={t("versions.changeText", { from: plugin.version })}
          closeLabel={t("action.close")}
        >
          <DialogBody className="grid content-start gap-5">
            {error && misfitsOf(error).length === 0 && (
              <Alert tone="danger" title={describeError(error).title}>
                {describeError(error).text}
              </Alert>
            )}
            {misfits.length > 0 && (
              <MisfitsAlert
                plugin={plugin}
                version={version.version}
                misfits={misfits}
                pending={pending}
                onForce={() => onConfirm(version, true)}
                onLeave={onClose}
              />
            )}
            <Consent plugin={plugin} version={version} />
            <Differences plugin={plugin} version={version} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>{t("action.cancel")}</Button>
            <Button
              variant="primary"
              pending={pending === "plain"}
              disabled={pending === "forced"}
              onClick={() => onConfirm(version, false)}
            >
              {t(isBack(plugin, version) ? "versions.rollBack" : "versions.activate")}
            </Button>
          </DialogFooter>
        </DialogContent>
      )}
    </Dialog>
  );
}

export function isBack(plugin: Plugin, version: Plugin): boolean {
  return Number(version.version) < Number(plugin.version);
}

function Consent({ plugin, version }: { plugin: Plugin; version: Plugin }) {
  const more = describeCapabilities(asksMore(plugin, version));
  if (more.length === 0) return null;
  return (
    <Alert tone="warning" title={t("versions.asksMore")}>
      <ul className="grid gap-1.5">
        {more.map(({ name, icon: Icon, label, text }) => (
          <li key={name} className="flex gap-2">
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span>
              <span className="font-medium text-ink">{label}</span> {text}
            </span>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function Differences({ plugin, version }: { plugin: Plugin; version: Plugin }) {
  const { exports, capabilities, imports, sizeDelta, same } = versionDiff(plugin, version);
  if (same) return <p className="text-ink-soft text-sm">{t("versions.same")}</p>;
  return (
    <>
      <ChangeList title={t("inspection.hooks")} changes={exports} />
      <ChangeList title={t("inspection.capabilities")} changes={capabilities} />
      <ChangeList title={t("inspection.importList")} changes={imports} onlyChanged />
      <p className="text-ink-soft text-sm tabular-nums">
        {sizeDelta === 0
          ? t("versions.sizeSame")
          : t(sizeDelta > 0 ? "versions.sizeMore" : "versions.sizeLess", {
              size: formatBytes(Math.abs(sizeDelta)),
            })}
      </p>
    </>
  );
}

interface ChangeListProps {
  title: string;
  changes: Change[];
  onlyChanged?: boolean;
}

const signs = { added: Plus, removed: Minus, kept: null };
const words = { added: "versions.added", removed: "versions.removed", kept: "versions.kept" } as const;

function ChangeList({ title, changes, onlyChanged }: ChangeListProps) {
  const shown = onlyChanged ? changes.filter(({ kind }) => kind !== "kept") : changes;
  if (shown.length === 0) return null;
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-[0.8125rem]">{title}</h3>
      <ul className="grid gap-1">
        {shown.map(({ name, kind }) => {
          const Sign = signs[kind];
          return (
            <li
              key={name}
              className={cn(
                "flex items-center gap-2 rounded-md px-2 py-0.5 font-mono text-xs leading-5",
                kind === "added" && "bg-success-soft text-success",
                kind === "removed" && "bg-danger-soft text-danger",
                kind === "kept" && "bg-sunken text-ink-soft",
              )}
            >
              <span className="grid size-3 place-items-center">
                {Sign && <Sign aria-hidden className="size-3" />}
              </span>
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{name}</span>
              <span className="font-sans">{t(words[kind])}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
