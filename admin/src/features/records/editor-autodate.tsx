import { Moment } from "@/components/moment";
import { t } from "@/i18n";
import { Nothing } from "./cells";
import { defineKind } from "./editor";

export const kindEditor = defineKind<string>({
  kinds: ["autodate"],
  readOnly: true,
  fromRecord: (value) => (typeof value === "string" ? value : ""),
  toWire: (draft) => ({ value: draft }),
  Editor: ({ draft }) => (
    <span className="text-ink-soft text-sm">
      {draft === "" ? t("record.autodate") : <Moment value={draft} />}
    </span>
  ),
  Cell: ({ value }) => (typeof value === "string" && value !== "" ? <Moment value={value} /> : <Nothing />),
});
