/** The search parameters of the settings. */

export const settingsTabs = [
  "general",
  "storage",
  "keys",
  "limits",
  "topics",
  "jobs",
  "backups",
  "sync",
  "superusers",
  "sessions",
  "server",
] as const;
export type SettingsTab = (typeof settingsTabs)[number];

export interface SettingsSearch {
  /** Absent for the first tab. */
  tab?: SettingsTab;
}

export function settingsSearch({ tab }: Record<string, unknown>): SettingsSearch {
  const known = settingsTabs.find((name) => name === tab);
  return known && known !== "general" ? { tab: known } : {};
}
