import { CodeEditor } from "@/components/code-editor";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import type { CollectionDraft } from "./use-collection-draft";
import { ViewPreview } from "./view-preview";

export function ViewQuery({ draft, problem }: { draft: CollectionDraft; problem: string | undefined }) {
  const query = draft.collection.viewQuery ?? "";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <Card className="p-4 sm:p-5">
        <Field label={t("view.query")} help={t("view.queryHelp")} error={problem}>
          {(control) => (
            <CodeEditor
              control={control}
              label={t("view.query")}
              language="sql"
              minLines={6}
              value={query}
              onChange={(viewQuery) => draft.set({ viewQuery })}
            />
          )}
        </Field>
      </Card>
      <ViewPreview query={query} />
    </div>
  );
}
