import { CodeEditor } from "@/components/code-editor";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { TextCell } from "./cells";
import { defineKind } from "./editor";

/** Why a text is no JSON, or `null`. Nothing at all is `null`, which is JSON. */
export function jsonProblem(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const kindEditor = defineKind<string>({
  kinds: ["json"],
  fromRecord: (value) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 2)),
  toWire: (draft) => {
    if (draft.trim() === "") return { value: null };
    return jsonProblem(draft) === null
      ? { value: JSON.parse(draft) as unknown }
      : { problem: t("record.problem.json") };
  },
  Editor: ({ field, draft, onChange, control }) => {
    const problem = jsonProblem(draft);
    return (
      <span className="grid gap-1.5">
        <CodeEditor control={control} label={field.name} language="json" value={draft} onChange={onChange} />
        <span className="flex min-h-8 items-center justify-between gap-3">
          <span role="status" className="min-w-0 text-danger text-xs [overflow-wrap:anywhere]">
            {problem}
          </span>
          <Button
            size="sm"
            variant="ghost"
            disabled={problem !== null || draft.trim() === ""}
            onClick={() => onChange(JSON.stringify(JSON.parse(draft), null, 2))}
          >
            {t("record.json.format")}
          </Button>
        </span>
      </span>
    );
  },
  Cell: ({ value }) => <TextCell value={value} mono />,
});
