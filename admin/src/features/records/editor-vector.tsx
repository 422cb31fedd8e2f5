import type { Field } from "@/api/types";
import { t } from "@/i18n";
import { Textarea } from "@/ui/textarea";
import { TextCell } from "./cells";
import { defineKind } from "./editor";

function dimensions(field: Field): number | null {
  const count = field.dimension;
  return typeof count === "number" && count > 0 ? count : null;
}

const numbersOf = (text: string) =>
  text
    .replace(/[[\]]/g, " ")
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map(Number);

/** Numbers with commas between them, as embeddings are printed. */
export const kindEditor = defineKind<string>({
  kinds: ["vector"],
  fromRecord: (value) => (Array.isArray(value) ? value.join(", ") : ""),
  toWire: (draft, field) => {
    const numbers = numbersOf(draft);
    if (numbers.length === 0) return { value: null };
    if (!numbers.every(Number.isFinite)) return { problem: t("record.problem.numbers") };
    const wanted = dimensions(field);
    if (wanted === null || numbers.length === wanted) return { value: numbers };
    return { problem: t("record.problem.dimensions", { wanted, given: numbers.length }) };
  },
  Editor: ({ field, draft, onChange, control }) => {
    const wanted = dimensions(field);
    return (
      <span className="grid gap-1">
        <Textarea
          {...control}
          className="font-mono text-base sm:text-[0.8125rem]"
          value={draft}
          onChange={(event) => onChange(event.target.value)}
        />
        {wanted !== null && (
          <span className="text-ink-soft text-xs tabular-nums">
            {t("record.vector.count", { given: numbersOf(draft).length, wanted })}
          </span>
        )}
      </span>
    );
  },
  Cell: ({ value }) => <TextCell value={Array.isArray(value) ? value.slice(0, 8).join(", ") : ""} mono />,
});
