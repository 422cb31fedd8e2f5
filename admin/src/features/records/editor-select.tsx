import { isSeveral } from "@/components/field-traits";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Checkbox } from "@/ui/checkbox";
import { Select } from "@/ui/select";
import { asList, Nothing } from "./cells";
import { defineKind } from "./editor";

export const kindEditor = defineKind<string[]>({
  kinds: ["select"],
  fromRecord: asList,
  toWire: (draft, field) => ({ value: isSeveral(field) ? draft : (draft[0] ?? "") }),
  Editor: ({ field, draft, onChange, control }) => {
    // A value that was taken out of the definition stays visible, or it would be lost without a word.
    const values = [...new Set([...asList(field.values), ...draft])];
    if (!isSeveral(field)) {
      return (
        <Select
          {...control}
          className="max-w-80"
          value={draft[0] ?? ""}
          onChange={(event) => onChange(event.target.value === "" ? [] : [event.target.value])}
        >
          <option value="">{t("record.select.none")}</option>
          {values.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </Select>
      );
    }
    return (
      <fieldset
        id={control.id}
        aria-label={field.name}
        aria-describedby={control["aria-describedby"]}
        className="flex max-h-48 flex-wrap gap-2 overflow-y-auto"
      >
        {values.map((value) => (
          <label
            key={value}
            htmlFor={`${control.id}-${value}`}
            className="flex min-h-8 cursor-pointer items-center gap-2 rounded-lg border border-line px-2.5 text-sm hover:bg-hover/55 has-data-[state=checked]:border-accent/60 has-data-[state=checked]:bg-accent-soft/60"
          >
            <Checkbox
              id={`${control.id}-${value}`}
              checked={draft.includes(value)}
              onCheckedChange={(checked) =>
                onChange(
                  // In the order of the definition, whatever the order of the clicks.
                  values.filter((each) => (each === value ? checked === true : draft.includes(each))),
                )
              }
            />
            {value}
          </label>
        ))}
      </fieldset>
    );
  },
  Cell: ({ value }) => {
    const chosen = asList(value);
    if (chosen.length === 0) return <Nothing />;
    return (
      <span className="flex gap-1 overflow-hidden">
        {chosen.map((each) => (
          <Badge key={each}>{each}</Badge>
        ))}
      </span>
    );
  },
});
