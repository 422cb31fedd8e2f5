import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { settingsQuery, updateSettings } from "@/api/queries";
import type { Settings } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { moved } from "@/components/move-buttons";
import { Section } from "@/components/page";
import { ToggleRow } from "@/components/toggle-row";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/textarea";
import { toast } from "@/ui/toast";
import { type LimitRule, RateRule } from "./rate-rule";

interface Limits {
  enabled: boolean;
  rules: LimitRule[];
  excludedIPs: string[];
}

const another: LimitRule = { label: "", audience: "", duration: 60, maxRequests: 100 };

/** How much clients may ask: rules in their order, and who is not counted. */
export function RateLimits({ stored }: { stored: Settings }) {
  const queryClient = useQueryClient();
  const before = stored.rateLimits as unknown as Limits;
  const [changed, setChanged] = useState<Limits | null>(null);
  const limits = changed ?? before;
  const dirty = changed !== null && JSON.stringify(changed) !== JSON.stringify(before);
  const set = (parts: Partial<Limits>) => setChanged({ ...limits, ...parts });

  const save = useMutation({
    mutationFn: () =>
      updateSettings({
        rateLimits: {
          ...limits,
          excludedIPs: limits.excludedIPs.map((ip) => ip.trim()).filter((ip) => ip !== ""),
        },
      }),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery().queryKey, saved);
      setChanged(null);
      toast.success(t("limits.saved"));
    },
  });
  const problems = save.error ? toApiError(save.error).fields : {};
  const problem = (path: string) =>
    Object.entries(problems).find(
      ([key]) => key === `rateLimits.${path}` || key.startsWith(`rateLimits.${path}.`),
    )?.[1].message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty && !save.isPending) save.mutate();
  };
  const placed = Object.keys(problems).filter((key) => /^rateLimits\.(rules\.\d|excludedIPs)/.test(key));

  return (
    <Section title={t("limits.title")} description={t("limits.text")}>
      <form noValidate className="grid gap-3" onSubmit={submit}>
        <UnsavedGuard dirty={dirty} survives={(path) => path.endsWith("/settings")} />
        <FormAlert error={save.error} fields={placed} />
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
            <ol aria-label={t("limits.rules")} className="grid gap-2">
              {limits.rules.map((rule, index) => (
                <RateRule
                  // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names, and their place is what counts.
                  key={index}
                  rule={rule}
                  index={index}
                  count={limits.rules.length}
                  problem={(field) => problem(`rules.${index}.${field}`)}
                  whole={problems[`rateLimits.rules.${index}`]?.message}
                  onChange={(next) =>
                    set({ rules: limits.rules.map((each, place) => (place === index ? next : each)) })
                  }
                  onMove={(to) => set({ rules: moved(limits.rules, index, to) })}
                  onRemove={() => set({ rules: limits.rules.filter((_, place) => place !== index) })}
                />
              ))}
            </ol>
            <Button size="sm" className="w-fit" onClick={() => set({ rules: [...limits.rules, another] })}>
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
        {dirty && (
          <section
            aria-label={t("collection.unsaved")}
            className="sticky bottom-16 z-20 flex flex-wrap items-center justify-end gap-2 rounded-xl border border-line bg-surface px-2.5 py-2.5 shadow-float sm:bottom-5"
          >
            <Button
              size="sm"
              onClick={() => {
                setChanged(null);
                save.reset();
              }}
            >
              {t("collection.discard")}
            </Button>
            <Button size="sm" type="submit" variant="primary" pending={save.isPending}>
              {t("action.save")}
            </Button>
          </section>
        )}
      </form>
    </Section>
  );
}
