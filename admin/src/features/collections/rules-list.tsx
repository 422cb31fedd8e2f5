import type { Collection } from "@/api/types";
import { CopyButton } from "@/components/copy-button";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { type ActionRule, accessLooks, actionRules } from "./rules";

export function RulesList({ collection }: { collection: Collection }) {
  return (
    <Card className="overflow-hidden">
      <ul aria-label={t("collection.tab.rules")} className="divide-y divide-line">
        {actionRules(collection).map((rule) => (
          <li
            key={rule.action}
            className="grid gap-x-6 gap-y-2 px-4 py-3.5 sm:grid-cols-[13rem_minmax(0,1fr)] sm:px-5"
          >
            <div className="grid content-start gap-0.5">
              <h2 className="font-medium">{t(rule.label)}</h2>
              <p className="text-ink-soft text-xs leading-5">{t(rule.text)}</p>
            </div>
            <Verdict rule={rule} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const explanations = {
  locked: "rule.lockedText",
  public: "rule.publicText",
  absent: "rule.absentText",
} as const;

function Verdict({ rule: { rule, access, label } }: { rule: ActionRule }) {
  const { icon: Icon, label: accessLabel, tone } = accessLooks[access];
  return (
    <div className="grid content-start gap-2">
      <Badge tone={tone}>
        <Icon aria-hidden />
        {t(accessLabel)}
      </Badge>
      {access === "expression" ? (
        <div className="flex items-start gap-1 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3">
          <code className="min-w-0 flex-1 whitespace-pre-wrap py-1 font-mono text-[0.8125rem] leading-5 [overflow-wrap:anywhere]">
            {rule}
          </code>
          <CopyButton value={rule ?? ""} what={t(label)} />
        </div>
      ) : (
        <p className="text-ink-soft text-sm">{t(explanations[access])}</p>
      )}
    </div>
  );
}
