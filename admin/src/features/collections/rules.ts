/** What a collection's rules mean for each action, in one place for the list's strip and the detail's table. */
import type { LucideIcon } from "lucide-react";
import { Globe, Lock, Minus, SquareFunction } from "lucide-react";
import type { Collection, Rule } from "@/api/types";
import type { PlainKey } from "@/i18n";

export type Access = "locked" | "public" | "expression" | "absent";

export interface ActionRule {
  action: "list" | "view" | "create" | "update" | "delete";
  label: PlainKey;
  /** What the rule decides. */
  text: PlainKey;
  rule: Rule;
  access: Access;
}

const actions = [
  { action: "list", key: "listRule", label: "rule.list", text: "rule.listText" },
  { action: "view", key: "viewRule", label: "rule.view", text: "rule.viewText" },
  { action: "create", key: "createRule", label: "rule.create", text: "rule.createText" },
  { action: "update", key: "updateRule", label: "rule.update", text: "rule.updateText" },
  { action: "delete", key: "deleteRule", label: "rule.delete", text: "rule.deleteText" },
] as const;

export function actionRules(collection: Collection): ActionRule[] {
  return actions.map(({ key, action, label, text }) => {
    const readOnly = collection.type === "view" && action !== "list" && action !== "view";
    const rule = collection[key] ?? null;
    return { action, label, text, rule, access: readOnly ? "absent" : accessOf(rule) };
  });
}

export function accessOf(rule: Rule): Access {
  if (rule === null) return "locked";
  return rule.trim() === "" ? "public" : "expression";
}

interface AccessLook {
  label: PlainKey;
  icon: LucideIcon;
  tone: "neutral" | "warning" | "accent" | "outline";
}

export const accessLooks: Record<Access, AccessLook> = {
  locked: { label: "rule.locked", icon: Lock, tone: "neutral" },
  public: { label: "rule.public", icon: Globe, tone: "warning" },
  expression: { label: "rule.expression", icon: SquareFunction, tone: "accent" },
  absent: { label: "rule.absent", icon: Minus, tone: "outline" },
};
