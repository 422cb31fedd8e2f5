import { useQuery } from "@tanstack/react-query";
import { pluginConfigQuery } from "@/api/plugin-config";
import type { AttachmentLimits, EffectiveLimits as Effective, Plugin } from "@/api/types";
import { t } from "@/i18n";
import { Fieldset } from "@/ui/field";
import { ConfigForm } from "./config-form";
import { configProblems } from "./config-problems";
import { EffectiveLimits } from "./effective-limits";
import { usualLimits } from "./limits";
import { LimitsFields } from "./limits-fields";

/** Of a place as it is saved: its own limits, and what they come to. */
export interface PlaceLimits {
  limits: AttachmentLimits;
  effectiveLimits: Record<string, Effective>;
}

interface PlaceTermsProps {
  plugin: Plugin;
  /** Nothing while the place is being made. */
  stored: PlaceLimits | null;
  limits: AttachmentLimits;
  limitsHelp: string;
  /** Whether many may call it there at the same time. */
  routed?: boolean;
  /** The text of a JSON object. */
  config: string;
  problems: Record<string, { message: string }>;
  onLimits: (limits: AttachmentLimits) => void;
  onConfig: (config: string) => void;
}

/** On what terms a plugin is called at a place, whatever calls it there: within which limits and with what configuration. */
export function PlaceTerms(props: PlaceTermsProps) {
  const { plugin, stored, limits, limitsHelp, routed = false, config, problems, onLimits, onConfig } = props;
  const { data: base } = useQuery(pluginConfigQuery(plugin.id));
  const changed = stored !== null && JSON.stringify(said(limits)) !== JSON.stringify(said(stored.limits));
  return (
    <>
      <Fieldset legend={t("terms.title")} help={limitsHelp}>
        <LimitsFields
          routed={routed}
          limits={limits}
          usual={usualLimits(stored)}
          problems={problems}
          onChange={onLimits}
        />
        {stored && <EffectiveLimits limits={stored.effectiveLimits} changed={changed} />}
      </Fieldset>
      <ConfigForm
        schema={plugin.manifest?.config}
        text={config}
        base={base}
        problems={configProblems(problems)}
        onChange={onConfig}
      />
    </>
  );
}

/** What is set, in one order. */
function said(limits: AttachmentLimits): [string, unknown][] {
  return Object.entries(limits ?? {})
    .filter(([, value]) => value !== null && value !== undefined)
    .sort();
}
