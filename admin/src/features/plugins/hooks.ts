/**
 * The hook points, one entry each: the interface a component exports, the name the API has for it, and words. The order is
 * that of a write's life; those of a sign-in stand last, and those of no collection apart.
 */
import type { PlainKey } from "@/i18n";
import { interfaceName } from "./interfaces";

export interface Hook {
  /** As in the API: `beforeCreate`. */
  name: string;
  /** As the component exports it: `before-create`. */
  export: string;
  label: PlainKey;
  text: PlainKey;
}

const hooks: Hook[] = [
  {
    name: "beforeCreate",
    export: "before-create",
    label: "hook.beforeCreate",
    text: "hook.beforeCreateText",
  },
  {
    name: "beforeUpdate",
    export: "before-update",
    label: "hook.beforeUpdate",
    text: "hook.beforeUpdateText",
  },
  {
    name: "beforeDelete",
    export: "before-delete",
    label: "hook.beforeDelete",
    text: "hook.beforeDeleteText",
  },
  { name: "validate", export: "validator", label: "hook.validate", text: "hook.validateText" },
  { name: "afterCreate", export: "after-create", label: "hook.afterCreate", text: "hook.afterCreateText" },
  { name: "afterUpdate", export: "after-update", label: "hook.afterUpdate", text: "hook.afterUpdateText" },
  { name: "afterDelete", export: "after-delete", label: "hook.afterDelete", text: "hook.afterDeleteText" },
  {
    name: "beforeSignIn",
    export: "before-sign-in",
    label: "hook.beforeSignIn",
    text: "hook.beforeSignInText",
  },
  { name: "tokenClaims", export: "token-claims", label: "hook.tokenClaims", text: "hook.tokenClaimsText" },
];

/** What is called by no collection: by the clock, and by requests of the plugin's own. */
const moments: Hook[] = [
  { name: "scheduled", export: "scheduled", label: "hook.scheduled", text: "hook.scheduledText" },
  { name: "route", export: "incoming-handler", label: "hook.route", text: "hook.routeText" },
];

/** Those that belong to a write, and can be tried on a sample of a record. */
export function writeHooks(exports: string[]): Hook[] {
  return attachableHooks(exports).filter(({ name }) => name !== "beforeSignIn" && name !== "tokenClaims");
}

/** The exports that can be attached to a collection. */
export function attachableHooks(exports: string[]): Hook[] {
  const names = exports.map(interfaceName);
  return hooks.filter((hook) => names.includes(hook.export));
}

/** The exports that are called without a collection. */
export function momentHooks(exports: string[]): Hook[] {
  const names = exports.map(interfaceName);
  return moments.filter((moment) => names.includes(moment.export));
}

export function isClocked(exports: string[]): boolean {
  return momentHooks(exports).some(({ name }) => name === "scheduled");
}

export function isRouted(exports: string[]): boolean {
  return momentHooks(exports).some(({ name }) => name === "route");
}

/** The exports that only a newer server knows. */
export function otherExports(exports: string[]): string[] {
  const known = [...hooks, ...moments];
  return exports.map(interfaceName).filter((name) => known.every((hook) => hook.export !== name));
}

/** Whether a failure can still stop the write: what runs after it is tried again instead. */
export function canFailTheWrite(hookNames: string[]): boolean {
  return hookNames.some((name) => !name.startsWith("after"));
}

export function hookLabel(name: string): PlainKey | null {
  return [...hooks, ...moments].find((hook) => hook.name === name)?.label ?? null;
}
