/** What the entries of the activity are called. What a newer server tells is shown under its own name. */
import type { ActivityEntry } from "@/api/logs";
import { type PlainKey, t } from "@/i18n";

const kinds: Record<string, PlainKey> = {
  record: "activity.kind.record",
  records: "activity.kind.records",
  superuser: "activity.kind.superuser",
  collection: "activity.kind.collection",
  settings: "activity.kind.settings",
  plugin: "activity.kind.plugin",
  session: "activity.kind.session",
  database: "activity.kind.database",
  backup: "activity.kind.backup",
  storage: "activity.kind.storage",
  key: "activity.kind.key",
  outbox: "activity.kind.outbox",
};

const actions: Record<string, PlainKey> = {
  create: "activity.created",
  update: "activity.updated",
  delete: "activity.deleted",
  upload: "activity.uploaded",
  activate: "activity.activated",
  attach: "activity.attached",
  detach: "activity.detached",
  grant: "activity.granted",
  configure: "activity.configured",
  schedule: "activity.scheduled",
  unschedule: "activity.unscheduled",
  route: "activity.routed",
  unroute: "activity.unrouted",
  canary: "activity.canary",
  rollback: "activity.rolledBack",
  reset: "activity.reset",
  restore: "activity.restored",
  migrate: "activity.migrated",
  cancel: "activity.cancelled",
  sql: "activity.asked",
  begin: "activity.began",
  end: "activity.ended",
};

export const activityKinds = Object.keys(kinds);

export function kindLabel(kind: string): string {
  const label = kinds[kind];
  return label ? t(label) : kind;
}

export function actionLabel(action: string): string {
  const label = actions[action];
  return label ? t(label) : action;
}

export function actionTone(action: string) {
  if (["create", "upload", "begin", "attach"].includes(action)) return "success";
  return ["delete", "detach", "end", "unschedule", "unroute", "cancel"].includes(action)
    ? "danger"
    : "accent";
}

/** Somebody by name, and the plugin that acted for them, if one did. */
export function whoActed(entry: ActivityEntry): string {
  const who = actorOf(entry);
  const { plugin, actorKind } = entry;
  return plugin && actorKind !== "plugin" ? t("activity.byThrough", { who, name: plugin }) : who;
}

/** Somebody by name, or what it was if nobody. */
export function actorOf({ actorKind, actorName, actorId }: ActivityEntry): string {
  const who = actorName || actorId;
  if (actorKind === "plugin") return t("activity.byPlugin", { name: who });
  if (actorKind === "system") return t("activity.bySystem");
  return who || t("requests.guest");
}
