/** What a version of a plugin does not accept of what is configured: how the server says it when versions are changed and uploaded. */
import { type FieldError, readFields, toApiError } from "@/api/errors";
import type { Attachment, Plugin } from "@/api/types";
import { formatList } from "@/format";
import { t } from "@/i18n";
import { hookLabel } from "./hooks";
import type { PluginTab } from "./search";

export interface Misfit {
  /** As the server names it: `config`, `attachments.{id}`, `schedules.{id}`, `route`. */
  field: string;
  /** Of the collection or of the schedule; empty where there is none. */
  name: string;
  /** Where in the configuration, as a JSON pointer; empty for all of it. */
  pointer: string;
  message: string;
}

/** Where each of them is configured. A kind that only a newer server knows has no place here. */
const tabs: Record<string, PluginTab> = {
  config: "config",
  attachments: "runs",
  schedules: "schedules",
  route: "route",
};

/** Complaints as misfits; none when one of them is about something else, which nobody can insist on. */
function misfitsIn(fields: Readonly<Record<string, FieldError>>): Misfit[] {
  const found: Misfit[] = [];
  for (const [field, { message, params = {} }] of Object.entries(fields)) {
    const { pointer } = params;
    if (typeof pointer !== "string") return [];
    const name = [params.collection, params.name].find((each) => typeof each === "string") ?? "";
    found.push({ field, name: String(name), pointer, message: withoutPlace(message, pointer) });
  }
  return found;
}

/** Of a refused change of versions. Of any other error: none. */
export function misfitsOf(thrown: Error | null): Misfit[] {
  if (!thrown) return [];
  const { status, fields } = toApiError(thrown);
  return status === 400 ? misfitsIn(fields) : [];
}

/** Of what an upload was answered with: the version is kept and not called when there are any. */
export function misfitsOfUpload({ misfits }: Plugin): Misfit[] {
  return misfitsIn(readFields(misfits));
}

export function tabOf({ field }: Misfit): PluginTab | null {
  return tabs[kindOf(field)] ?? null;
}

/** Where the configuration stands that does not fit, in words; attachments tell the stages. */
export function placeOf({ field, name }: Misfit, attachments: Attachment[] = []): string {
  switch (kindOf(field)) {
    case "config":
      return t("misfits.config");
    case "attachments": {
      const hooks = attachments.find(({ id }) => field === `attachments.${id}`)?.hooks ?? [];
      const stages = hooks.map(stageName);
      return stages.length > 0
        ? t("misfits.attachment", { collection: name, stages: formatList(stages) })
        : t("misfits.collection", { collection: name });
    }
    case "schedules":
      return t("misfits.schedule", { name });
    case "route":
      return t("route.title");
    default:
      return field;
  }
}

function kindOf(field: string): string {
  return field.split(".", 1)[0] ?? "";
}

function stageName(hook: string): string {
  const label = hookLabel(hook);
  return label ? t(label) : hook;
}

/** The server ends its message with the place, which is shown beside it. */
function withoutPlace(message: string, pointer: string): string {
  const place = ` at ${pointer}.`;
  return pointer && message.endsWith(place) ? `${message.slice(0, -place.length)}.` : message;
}
