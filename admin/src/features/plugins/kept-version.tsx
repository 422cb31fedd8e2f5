import { Link } from "@tanstack/react-router";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { MisfitList } from "./misfit-list";
import { misfitsOfUpload } from "./misfits";
import { useActivation } from "./use-activation";
import { VersionDialog } from "./version-dialog";

interface KeptVersionProps {
  /** With the version that is called. */
  plugin: Plugin;
  /** What the upload was answered with. */
  version: Plugin;
  onCalled: () => void;
}

/** What was uploaded is kept and not called, because it does not accept what is configured. */
export function KeptVersion({ plugin, version, onCalled }: KeptVersionProps) {
  const activation = useActivation(plugin, onCalled);
  const misfits = misfitsOfUpload(version);
  const { name } = plugin;
  return (
    <>
      <Alert
        tone="warning"
        role="alert"
        title={t("kept.title", { name, version: version.version })}
        actions={
          <>
            <Button asChild size="sm">
              <Link {...paths.plugin(plugin.id, "config")}>{t("kept.configure")}</Link>
            </Button>
            <Button size="sm" onClick={() => activation.ask(version, misfits)}>
              {t("misfits.force")}
            </Button>
          </>
        }
      >
        <p>{t("kept.text", { current: plugin.version })}</p>
        <MisfitList plugin={plugin} misfits={misfits} />
      </Alert>
      <VersionDialog {...activation.dialog} />
    </>
  );
}
