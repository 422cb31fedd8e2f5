import { t } from "@/i18n";
import { Input } from "@/ui/input";
import { Nothing } from "./cells";
import { defineKind } from "./editor";

/** The draft is the text, so that `1.` and `-` can be on their way to something. */
export const kindEditor = defineKind<string>({
  kinds: ["number"],
  fromRecord: (value) => (typeof value === "number" ? String(value) : ""),
  toWire: (draft, field) => {
    const text = draft.trim();
    if (text === "") return { value: field.nullable === true ? null : 0 };
    const number = Number(text);
    return Number.isFinite(number) ? { value: number } : { problem: t("record.problem.number") };
  },
  Editor: ({ field, draft, onChange, control }) => (
    <Input
      {...control}
      inputMode={field.onlyInt === true ? "numeric" : "decimal"}
      autoComplete="off"
      className="max-w-56 tabular-nums"
      value={draft}
      onChange={(event) => onChange(event.target.value)}
    />
  ),
  Cell: ({ value }) =>
    typeof value === "number" ? <span className="tabular-nums">{String(value)}</span> : <Nothing />,
});
