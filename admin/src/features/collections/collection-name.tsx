import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import type { CollectionDraft } from "./use-collection-draft";

/** The name of the collection, which is also its place in the API. */
export function CollectionName({ draft, problem }: { draft: CollectionDraft; problem: string | undefined }) {
  const { name } = draft.collection;
  const wrong = /^[A-Za-z_]\w*$/.test(name) ? undefined : t("newCollection.nameProblem");
  return (
    <Field label={t("collections.column.name")} error={wrong ?? problem} className="max-w-sm">
      {(control) => (
        <Input
          {...control}
          {...verbatim}
          className="font-mono text-[0.8125rem]"
          value={name}
          onChange={(event) => draft.set({ name: event.target.value })}
        />
      )}
    </Field>
  );
}
