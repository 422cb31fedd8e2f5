import type { TaggedSettings } from "@/api/settings";
import { Section } from "@/components/page";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/textarea";
import { PartEntries } from "./part-entries";
import { type LimitRule, RateRule } from "./rate-rule";
import { PartForm, useSettingsPart } from "./settings-part";

interface Limits {
  enabled: boolean;
  rules: LimitRule[];
  excludedIPs: string[];
}

const another: LimitRule = { label: "", audience: "", duration: 60, maxRequests: 100 };

/** How much clients may ask: rules in their order, and who is not counted. */
export function RateLimits({ stored }: { stored: TaggedSettings }) {
  const part = useSettingsPart<Limits>({
    name: "rateLimits",
    stored,
    toSend: (limits) => ({
      ...limits,
      excludedIPs: limits.excludedIPs.map((ip) => ip.trim()).filter((ip) => ip !== ""),
    }),
    names: { enabled: "limits.enabled", rules: "limits.rules", excludedIPs: "limits.excluded" },
    done: t("limits.saved"),
  });
  const { value: limits, set, problem } = part;

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
            <PartEntries
              part={part}
              entries={limits.rules}
              onEntries={(rules) => set({ rules })}
              path="rules"
              words={{ list: "limits.rules", none: "limits.none", add: "limits.add" }}
              entryWords={(place) => ({
                name: t("limits.rule", { place }),
                up: t("limits.up", { place }),
                down: t("limits.down", { place }),
                remove: t("limits.remove", { place }),
              })}
              another={another}
              Head={RateRule}
            />
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
