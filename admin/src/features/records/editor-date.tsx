import { Moment } from "@/components/moment";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";
import { Nothing } from "./cells";
import { defineKind } from "./editor";
import { fromInput, toInput, zoneName } from "./moments";

export const kindEditor = defineKind<string>({
  kinds: ["date"],
  fromRecord: (value) => (typeof value === "string" ? value : ""),
  toWire: (draft) => ({ value: draft }),
  Editor: ({ draft, onChange, control }) => (
    <span className="flex flex-wrap items-center gap-2">
      <Input
        {...control}
        type="datetime-local"
        step={1}
        className="w-auto min-w-56"
        value={toInput(draft)}
        onChange={(event) => onChange(fromInput(event.target.value))}
      />
      <Button size="sm" onClick={() => onChange(new Date().toISOString().replace("T", " "))}>
        {t("record.now")}
      </Button>
      <span className="text-ink-soft text-xs">{zoneName()}</span>
    </span>
  ),
  Cell: ({ value }) => (typeof value === "string" && value !== "" ? <Moment value={value} /> : <Nothing />),
});
