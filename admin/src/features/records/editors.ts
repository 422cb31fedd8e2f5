/** The registry of editors: a file for a kind or some alike, found by the `kinds` that it exports. A kind that nobody knows is edited as JSON. */
import type { Field } from "@/api/types";
import type { KindEditor } from "./editor";
import { kindEditor as fallback } from "./editor-json";

const modules = import.meta.glob<{ kindEditor: KindEditor }>("./editor-*.tsx", { eager: true });

const byKind = new Map(
  Object.values(modules).flatMap(({ kindEditor }) =>
    kindEditor.kinds.map((kind) => [kind, kindEditor] as const),
  ),
);

export function editorOf(field: Field): KindEditor {
  return byKind.get(field.type) ?? fallback;
}
