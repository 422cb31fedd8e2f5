import { Plus } from "lucide-react";
import type { Settings } from "@/api/types";
import { Section } from "@/components/page";
import { ToggleRow } from "@/components/toggle-row";
import { useEntries } from "@/components/use-entries";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/textarea";
import { type LimitRule, RateRule } from "./rate-rule";
import { PartForm, useSettingsPart } from "./settings-part";

interface Limits {
  enabled: boolean;
  rules: LimitRule[];
  excludedIPs: string[];
}

const another: LimitRule = { label: "", audience: "", duration: 60, maxRequests: 100 };

/** How much clients may ask: rules in their order, and who is not counted. */
export function RateLimits({ stored }: { stored: Settings }) {
  const part = useSettingsPart({
    name: "rateLimits",
    stored: stored.rateLimits as unknown as Limits,
    toSend: (limits) => ({
      ...limits,
      excludedIPs: limits.excludedIPs.map((ip) => ip.trim()).filter((ip) => ip !== ""),
    }),
    done: t("limits.saved"),
  });
  const { value: limits, set, problem, problems } = part;
  const entries = useEntries(limits.rules, (rules) => set({ rules }), part.replaced);

  return (
    <Section title={t("limits.title")} description={t("limits.text")}>
      <PartForm part={part} placed={/^rateLimits\.(rules\.\d|excludedIPs)/}>
        <Card className="grid gap-5 px-4 py-5 sm:px-5">
          <ToggleRow
            label={t("limits.enabled")}
            help={t("limits.enabledHelp")}
            checked={limits.enabled}
            onChange={(enabled) => set({ enabled })}
          />
          <div className="grid gap-2">
            <h3 className="font-medium text-[0.8125rem]">{t("limits.rules")}</h3>
            {limits.rules.length === 0 && <p className="text-ink-soft text-sm">{t("limits.none")}</p>}
            <ol key={part.edition} aria-label={t("limits.rules")} className="grid gap-2">
              {limits.rules.map((rule, index) => (
                <RateRule
                  key={entries.key(index)}
                  rule={rule}
                  index={index}
                  count={limits.rules.length}
                  problem={(field) => problem(`rules.${index}.${field}`)}
                  whole={problems[`rateLimits.rules.${index}`]?.message}
                  onChange={(next) => entries.change(index, next)}
                  onMove={(to) => entries.move(index, to)}
                  onRemove={() => entries.remove(index)}
                />
              ))}
            </ol>
            <Button size="sm" className="w-fit" onClick={() => entries.add(another)}>
              <Plus aria-hidden />
              {t("limits.add")}
            </Button>
          </div>
          <Field label={t("limits.excluded")} help={t("limits.excludedHelp")} error={problem("excludedIPs")}>
            {(control) => (
              <Textarea
                {...control}
                rows={2}
                spellCheck={false}
                className="max-w-xl font-mono text-base sm:text-[0.8125rem]"
                value={limits.excludedIPs.join("\n")}
                onChange={({ target }) =>
                  set({ excludedIPs: target.value === "" ? [] : target.value.split("\n") })
                }
              />
            )}
          </Field>
        </Card>
      </PartForm>
    </Section>
  );
}
