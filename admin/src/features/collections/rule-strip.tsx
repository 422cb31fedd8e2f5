import { Globe, Lock } from "lucide-react";
import type { Collection } from "@/api/types";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { Tooltip } from "@/ui/tooltip";
import { type ActionRule, accessLooks, actionRules } from "./rules";

const tones = {
  neutral: "text-ink-soft",
  warning: "bg-warning-soft text-warning",
  accent: "bg-accent-soft text-accent",
  outline: "text-ink-soft/50",
};

/** Who may do what with a collection, at a glance: one word when it is the same for all, else a sign per action. */
export function RuleStrip({ collection }: { collection: Collection }) {
  const rules = actionRules(collection);
  const possible = rules.filter(({ access }) => access !== "absent");
  if (possible.every(({ access }) => access === "locked")) {
    return (
      <Badge>
        <Lock aria-hidden />
        {t("rule.allLocked")}
      </Badge>
    );
  }
  if (possible.every(({ access }) => access === "public")) {
    return (
      <Badge tone="warning">
        <Globe aria-hidden />
        {t("rule.allPublic")}
      </Badge>
    );
  }
  return (
    <ul
      aria-label={t("rule.summary")}
      className="relative z-10 inline-flex divide-x divide-line overflow-hidden rounded-md border border-line"
    >
      {rules.map((rule) => (
        <RuleSign key={rule.action} rule={rule} />
      ))}
    </ul>
  );
}

function RuleSign({ rule: { label, access } }: { rule: ActionRule }) {
  const { icon: Icon, label: accessLabel, tone } = accessLooks[access];
  const words = t("rule.of", { action: t(label), access: t(accessLabel) });
  return (
    <Tooltip content={words}>
      <li
        className={cn(
          "flex h-6 w-7 items-center justify-center gap-1 font-medium text-xs min-[90rem]:w-auto min-[90rem]:px-2",
          tones[tone],
        )}
      >
        <Icon aria-hidden className="size-3.5" />
        <span aria-hidden className="max-[90rem]:hidden">
          {t(label)}
        </span>
        <span className="sr-only">{words}</span>
      </li>
    </Tooltip>
  );
}
