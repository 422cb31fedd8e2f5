import { ConflictDialog } from "@/components/conflict-dialog";
import { t } from "@/i18n";
import type { SettingConflict } from "./conflict";
import type { FoundConflict } from "./use-save-settings";

interface SettingsConflictDialogProps {
  found: FoundConflict;
  /** What the form calls a setting. */
  nameOf: (path: string) => string;
}

/** Asks of each setting that two people have changed. */
export function SettingsConflictDialog({ found, nameOf }: SettingsConflictDialogProps) {
  const { conflict, ...rest } = found;
  return (
    <ConflictDialog
      title={t("settings.conflict")}
      questions={conflict.settings.map((each) => ({
        key: each.path,
        name: nameOf(each.path),
        offers: offersOf(each),
      }))}
      others={conflict.others.map(nameOf)}
      {...rest}
    />
  );
}

function offersOf({ mine, theirs, secret }: SettingConflict) {
  const shown = (value: unknown) => <span className="block [overflow-wrap:anywhere]">{told(value)}</span>;
  return [
    { choice: "mine" as const, shown: secret ? t("settings.conflict.typed") : shown(mine) },
    { choice: "theirs" as const, shown: secret ? t("settings.conflict.stored") : shown(theirs) },
  ];
}

/** A value in a line; lists of things in their notation. */
function told(value: unknown): string {
  if (value === "" || (Array.isArray(value) && value.length === 0)) return t("settings.conflict.nothing");
  if (typeof value === "boolean") return t(value ? "settings.conflict.on" : "settings.conflict.off");
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
