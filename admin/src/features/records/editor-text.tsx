import { Input } from "@/ui/input";
import { Textarea } from "@/ui/textarea";
import { TextCell } from "./cells";
import { defineKind } from "./editor";

const inputTypes: Record<string, string> = { email: "email", url: "url" };

/** Longer texts, and texts that may be long, get room for lines. */
const longFrom = 120;

export const kindEditor = defineKind<string>({
  kinds: ["text", "email", "url"],
  fromRecord: (value) => (typeof value === "string" ? value : ""),
  toWire: (draft) => ({ value: draft }),
  Editor: ({ field, draft, onChange, control }) => {
    const max = typeof field.max === "number" && field.max > 0 ? field.max : 5000;
    if (field.type === "text" && field.primaryKey !== true && (max > 500 || draft.length > longFrom)) {
      return (
        <Textarea
          {...control}
          rows={draft.length > longFrom || draft.includes("\n") ? 4 : 1}
          value={draft}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    }
    return (
      <Input
        {...control}
        type={inputTypes[field.type] ?? "text"}
        autoComplete="off"
        autoCapitalize={field.type === "text" ? undefined : "none"}
        value={draft}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  },
  Cell: ({ field, value }) => <TextCell value={value} mono={field.primaryKey === true} />,
});
