import { useQuery } from "@tanstack/react-query";
import { versionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { formatList } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { describeCapabilities } from "./capabilities";
import { useActivation } from "./use-activation";
import { VersionDialog } from "./version-dialog";
import { asksMore, neverCalled, waitingVersion } from "./version-diff";

/** A newer version asks for more than the one that is called, or did not fit what was configured: it waits for somebody to agree. */
export function WaitingVersion({ plugin }: { plugin: Plugin }) {
  const versions = useQuery(versionsQuery(plugin.id));
  const activation = useActivation(plugin);
  const waiting = waitingVersion(plugin, versions.data ?? []);
  const more = waiting
    ? describeCapabilities(asksMore(plugin, waiting)).map(({ label }) => label.toLowerCase())
    : [];
  const kept = waiting?.approved && more.length === 0 && neverCalled(waiting);
  return (
    <>
      {waiting && (
        <Alert
          tone="warning"
          title={t("waiting.title", { version: waiting.version })}
          actions={
            <Button size="sm" onClick={() => activation.ask(waiting)}>
              {t("waiting.review")}
            </Button>
          }
        >
          {waiting.approved === false && <p>{t("approve.text")}</p>}
          {more.length > 0 && <p>{t("waiting.text", { current: plugin.version, more: formatList(more) })}</p>}
          {kept && <p>{t("waiting.kept", { current: plugin.version })}</p>}
        </Alert>
      )}
      <VersionDialog {...activation.dialog} />
    </>
  );
}
