import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { attachmentsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { type Misfit, placeOf, tabOf } from "./misfits";

interface MisfitListProps {
  plugin: Plugin;
  misfits: Misfit[];
  /** Follows a link to where something is configured. */
  onLeave?: () => void;
}

/** What does not fit, line by line: where it is configured, where in that, and why not. */
export function MisfitList({ plugin, misfits, onLeave }: MisfitListProps) {
  const attachments = useQuery(attachmentsQuery(plugin.id));
  return (
    <ul aria-label={t("misfits.list")} className="grid gap-2">
      {misfits.map((misfit) => {
        const tab = tabOf(misfit);
        const place = placeOf(misfit, attachments.data);
        return (
          <li key={misfit.field} className="grid gap-0.5 [overflow-wrap:anywhere]">
            <span className="flex flex-wrap items-baseline gap-x-2">
              {tab ? (
                <Link
                  {...paths.plugin(plugin.id, tab)}
                  onClick={onLeave}
                  className="inline-flex min-h-6 items-center font-medium text-ink underline underline-offset-4"
                >
                  {place}
                </Link>
              ) : (
                <span className="font-medium text-ink">{place}</span>
              )}
              {misfit.pointer && <code className="font-mono text-ink text-xs">{misfit.pointer}</code>}
            </span>
            <span>{misfit.message}</span>
          </li>
        );
      })}
    </ul>
  );
}

interface MisfitsAlertProps extends MisfitListProps {
  /** The number of the version that does not accept it. */
  version: string;
  /** While the server is asked again: with `force`, or without. */
  pending: "forced" | "plain" | null;
  onForce: () => void;
}

/** Why a version is not called, beside the button that was pressed for it, and the way to insist. */
export function MisfitsAlert({ version, pending, onForce, ...list }: MisfitsAlertProps) {
  return (
    <Alert
      tone="danger"
      title={t("misfits.title", { version })}
      actions={
        <Button
          size="sm"
          variant="danger"
          pending={pending === "forced"}
          disabled={pending === "plain"}
          onClick={onForce}
        >
          {t("misfits.force")}
        </Button>
      }
    >
      <p>{t("misfits.text")}</p>
      <MisfitList {...list} />
    </Alert>
  );
}
