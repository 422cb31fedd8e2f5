import { Check, Minus } from "lucide-react";
import { t } from "@/i18n";
import { Switch } from "@/ui/switch";
import { defineKind } from "./editor";

export const kindEditor = defineKind<boolean>({
  kinds: ["bool"],
  fromRecord: (value) => value === true,
  toWire: (draft) => ({ value: draft }),
  Editor: ({ draft, onChange, control }) => (
    <span className="flex min-h-9 items-center gap-2.5">
      <Switch {...control} checked={draft} onCheckedChange={onChange} />
      <span aria-hidden className="text-ink-soft text-sm">
        {draft ? t("value.yes") : t("value.no")}
      </span>
    </span>
  ),
  Cell: ({ value }) => {
    const Icon = value === true ? Check : Minus;
    return (
      <>
        <Icon aria-hidden className={value === true ? "size-4 text-success" : "size-4 text-ink-soft/50"} />
        <span className="sr-only">{value === true ? t("value.yes") : t("value.no")}</span>
      </>
    );
  },
});
