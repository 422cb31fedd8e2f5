import type { RuleKind } from "@/api/rules";
import type { Collection } from "@/api/types";
import { type PlainKey, t } from "@/i18n";
import { Card } from "@/ui/card";
import { RuleEditor } from "./rule-editor";
import { type CollectionDraft, type RuleKey, ruleOf } from "./use-collection-draft";

interface RuleRow {
  key: RuleKey;
  kind: RuleKind;
  label: PlainKey;
  text: PlainKey;
  /** The types of collections that have it; all when not given. */
  types?: string[];
}

const writable = ["base", "auth"];

const rows: RuleRow[] = [
  { key: "listRule", kind: "list", label: "rule.list", text: "rule.listText" },
  { key: "viewRule", kind: "view", label: "rule.view", text: "rule.viewText" },
  { key: "createRule", kind: "create", label: "rule.create", text: "rule.createText", types: writable },
  { key: "updateRule", kind: "update", label: "rule.update", text: "rule.updateText", types: writable },
  { key: "deleteRule", kind: "delete", label: "rule.delete", text: "rule.deleteText", types: writable },
  { key: "authRule", kind: "auth", label: "rule.auth", text: "rule.authText", types: ["auth"] },
  { key: "manageRule", kind: "manage", label: "rule.manage", text: "rule.manageText", types: ["auth"] },
];

interface RulesEditorProps {
  draft: CollectionDraft;
  collections: Collection[];
  problems: Record<string, string>;
}

/** Who may do what, one rule after the other. */
export function RulesEditor({ draft, collections, problems }: RulesEditorProps) {
  const { collection } = draft;
  return (
    <Card className="divide-y divide-line overflow-hidden">
      {rows
        .filter(({ types }) => types?.includes(collection.type) ?? true)
        .map(({ key, kind, label, text }) => (
          <RuleEditor
            key={key}
            label={t(label)}
            text={t(text)}
            kind={kind}
            rule={ruleOf(collection, key)}
            collection={collection}
            collections={collections}
            problem={problems[key]}
            onChange={(rule) => draft.set({ [key]: rule })}
          />
        ))}
    </Card>
  );
}
