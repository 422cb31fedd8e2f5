/** What a write goes through, stop by stop, with the plugins that it meets. */
import type { PlainKey } from "@/i18n";
import type { Placement } from "./order";

export const writes = ["create", "update", "delete"] as const;
export type Write = (typeof writes)[number];

export interface Stop {
  key: string;
  label: PlainKey;
  /** What the server itself does here, or `null` where only plugins do something. */
  text: PlainKey | null;
  /** In the order in which they are called. */
  plugins: Placement[];
  /** Set where plugins may be called at all. */
  hook: string | null;
}

const titled = { create: "Create", update: "Update", delete: "Delete" } as const;
const before = {
  create: "hook.beforeCreate",
  update: "hook.beforeUpdate",
  delete: "hook.beforeDelete",
} as const;
const after = { create: "hook.afterCreate", update: "hook.afterUpdate", delete: "hook.afterDelete" } as const;

/** The stops of one kind of write to a collection. What is switched off is not met. */
export function writePath(placements: Placement[], write: Write): Stop[] {
  const met = (hook: string) =>
    placements.filter(
      ({ plugin, attachment }) =>
        attachment.enabled && plugin.state !== "disabled" && attachment.hooks.includes(hook),
    );
  const hooked = (key: string, label: PlainKey, text: PlainKey | null, hook: string): Stop => ({
    key,
    label,
    text,
    hook,
    plugins: met(hook),
  });
  const own = (key: string, label: PlainKey, text: PlainKey): Stop => ({
    key,
    label,
    text,
    hook: null,
    plugins: [],
  });
  const stops: (Stop | null)[] = [
    own("rule", "path.rule", "path.ruleText"),
    hooked("before", before[write], null, `before${titled[write]}`),
    // What is deleted has no values left to check.
    write === "delete" ? null : hooked("validate", "path.validate", "path.validateText", "validate"),
    own("commit", "path.commit", "path.commitText"),
    hooked("after", after[write], "path.afterText", `after${titled[write]}`),
  ];
  return stops.filter((stop) => stop !== null);
}
