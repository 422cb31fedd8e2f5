/** What the entries of the activity are called. What a newer server tells is shown under its own name. */
import type { ActivityEntry } from "@/api/logs";
import { type PlainKey, t } from "@/i18n";

/** The description of the API lists them: what is missing here does not compile. */
const kinds: Record<ActivityEntry["kind"], PlainKey> = {
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
  sync: "activity.kind.sync",
  logs: "activity.kind.logs",
};

const actions: Record<ActivityEntry["action"], PlainKey> = {
  create: "activity.created",
  update: "activity.updated",
  delete: "activity.deleted",
  upload: "activity.uploaded",
  activate: "activity.activated",
  approve: "activity.approved",
  attach: "activity.attached",
  detach: "activity.detached",
  grant: "activity.granted",
  configure: "activity.configured",
  "keep secret": "activity.secretKept",
  "forget secret": "activity.secretForgotten",
  schedule: "activity.scheduled",
  unschedule: "activity.unscheduled",
  route: "activity.routed",
  unroute: "activity.unrouted",
  canary: "activity.canary",
  rollback: "activity.rolledBack",
  "delete-version": "activity.versionDeleted",
  reset: "activity.reset",
  rotate: "activity.rotated",
  replay: "activity.replayed",
  restore: "activity.restored",
  migrate: "activity.migrated",
  cancel: "activity.cancelled",
  verify: "activity.verified",
  restart: "activity.restarted",
  sql: "activity.asked",
  begin: "activity.began",
  end: "activity.ended",
};

export const activityKinds = Object.keys(kinds);

export function kindLabel(kind: string): string {
  return inWords(kinds, kind);
}

export function actionLabel(action: string): string {
  return inWords(actions, action);
}

/** A newer server may tell of what is not known here. */
function inWords(words: Record<string, PlainKey>, name: string): string {
  const label = words[name];
  return label ? t(label) : name;
}

export function actionTone(action: string) {
  if (["create", "upload", "begin", "attach"].includes(action)) return "success";
  return [
    "delete",
    "detach",
    "end",
    "unschedule",
    "unroute",
    "cancel",
    "forget secret",
    "delete-version",
  ].includes(action)
    ? "danger"
    : "accent";
}

/** Somebody by name, the plugin that acted for them, if one did, and those that changed what was written. */
export function whoActed(entry: ActivityEntry): string {
  const who = actorOf(entry);
  const { plugin, actorKind, hooks } = entry;
  const actor = plugin && actorKind !== "plugin" ? t("activity.byThrough", { who, name: plugin }) : who;
  if (hooks.length === 0) return actor;
  const names = hooks.map((hook) => hook.plugin).join(", ");
  return t("activity.byWith", { who: actor, names });
}

/** What before-hooks made of a record: each plugin with the fields that it changed. */
export function changedByHooks({ hooks }: ActivityEntry): string {
  return hooks.map(({ plugin, fields }) => `${plugin}: ${fields.join(", ")}`).join("; ");
}

/** Somebody by name, or what it was if nobody. */
export function actorOf({ actorKind, actorName, actorId }: ActivityEntry): string {
  const who = actorName || actorId;
  if (actorKind === "plugin") return t("activity.byPlugin", { name: who });
  if (actorKind === "system") return t("activity.bySystem");
  return who || t("requests.guest");
}
