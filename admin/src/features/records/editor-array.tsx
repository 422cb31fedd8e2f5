import { Plus, X } from "lucide-react";
import type { Field } from "@/api/types";
import { MoveButtons } from "@/components/move-buttons";
import { useEntries } from "@/components/use-entries";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";
import { Nothing } from "./cells";
import { defineKind } from "./editor";

const shownMax = 5;

/** What the items are: `of` in the definition says `text` or `number`. */
function holdsNumbers(field: Field): boolean {
  return field.of === "number";
}

/** Items in an order, each in a line of its own. */
export const kindEditor = defineKind<string[]>({
  kinds: ["array"],
  group: true,
  fromRecord: (value) => (Array.isArray(value) ? value.map(String) : []),
  toWire: (draft, field) => {
    if (!holdsNumbers(field)) return { value: draft };
    const numbers = draft.map(Number);
    return numbers.every(Number.isFinite) && draft.every((text) => text.trim() !== "")
      ? { value: numbers }
      : { problem: t("record.problem.numbers") };
  },
  Editor: ({ field, draft, onChange, control }) => {
    const entries = useEntries(draft, onChange);
    return (
      <div className="grid gap-1.5">
        {draft.map((item, index) => {
          const place = index + 1;
          return (
            <div key={entries.key(index)} className="flex items-center gap-1">
              <Input
                {...(index === 0 ? control : {})}
                aria-label={t("record.array.item", { place })}
                inputMode={holdsNumbers(field) ? "decimal" : undefined}
                value={item}
                onChange={(event) => entries.change(index, event.target.value)}
              />
              <MoveButtons
                index={index}
                count={draft.length}
                upLabel={t("record.array.up", { place })}
                downLabel={t("record.array.down", { place })}
                onMove={(to) => entries.move(index, to)}
              />
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("record.array.remove", { place })}
                onClick={() => entries.remove(index)}
              >
                <X aria-hidden />
              </Button>
            </div>
          );
        })}
        <Button size="sm" className="w-fit" onClick={() => entries.add("")}>
          <Plus aria-hidden />
          {t("record.array.add")}
        </Button>
      </div>
    );
  },
  Cell: ({ value }) => {
    if (!Array.isArray(value) || value.length === 0) return <Nothing />;
    return (
      <span className="flex gap-1 overflow-hidden">
        {value.slice(0, shownMax).map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items are texts that may repeat; their place is what they are.
          <Badge key={index}>{String(item)}</Badge>
        ))}
        {value.length > shownMax && <Badge tone="outline">{`+${value.length - shownMax}`}</Badge>}
      </span>
    );
  },
});
