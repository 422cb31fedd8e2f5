import { Textarea } from "@/ui/textarea";
import { TextCell } from "./cells";
import { defineKind } from "./editor";

/** Rich text is edited as the HTML that it is. */
export const kindEditor = defineKind<string>({
  kinds: ["editor"],
  fromRecord: (value) => (typeof value === "string" ? value : ""),
  toWire: (draft) => ({ value: draft }),
  Editor: ({ draft, onChange, control }) => (
    <Textarea
      {...control}
      rows={6}
      className="font-mono text-base sm:text-[0.8125rem]"
      value={draft}
      onChange={(event) => onChange(event.target.value)}
    />
  ),
  Cell: ({ value }) => (
    <TextCell value={typeof value === "string" ? value.replace(/<[^>]*>/g, " ").trim() : ""} />
  ),
});
