import { CodeEditor } from "@/components/code-editor";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import type { CollectionDraft } from "./use-collection-draft";

export function ViewQuery({ draft, problem }: { draft: CollectionDraft; problem: string | undefined }) {
  return (
    <Card className="p-4 sm:p-5">
      <Field label={t("view.query")} help={t("view.queryHelp")} error={problem}>
        {(control) => (
          <CodeEditor
            control={control}
            label={t("view.query")}
            language="sql"
            minLines={6}
            value={draft.collection.viewQuery ?? ""}
            onChange={(viewQuery) => draft.set({ viewQuery })}
          />
        )}
      </Field>
    </Card>
  );
}
