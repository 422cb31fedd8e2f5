/** The small signs of a plugin, as the list and the inspection show them. */
import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  Hourglass,
  OctagonX,
  Power,
  ShieldCheck,
  Unplug,
} from "lucide-react";
import type { PluginState } from "@/api/types";
import { type PlainKey, t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { describeCapabilities } from "./capabilities";
import { attachableHooks, hookLabel, momentHooks, otherExports } from "./hooks";

const states: Record<PluginState, { label: PlainKey; tone: BadgeTone; icon: typeof CircleCheck }> = {
  uploaded: { label: "plugin.state.uploaded", tone: "neutral", icon: CircleDashed },
  waiting: { label: "plugin.state.waiting", tone: "warning", icon: Hourglass },
  active: { label: "plugin.state.active", tone: "success", icon: CircleCheck },
  disabled: { label: "plugin.state.disabled", tone: "outline", icon: CirclePause },
  off: { label: "plugin.state.off", tone: "outline", icon: Power },
  open: { label: "plugin.state.open", tone: "danger", icon: OctagonX },
  broken: { label: "plugin.state.broken", tone: "danger", icon: Unplug },
};

export function StateBadge({ state }: { state: PluginState }) {
  const known = states[state];
  if (!known) return <Badge tone="outline">{state}</Badge>;
  const { label, tone, icon: Icon } = known;
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {t(label)}
    </Badge>
  );
}

const levels: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  debug: { label: "settings.level.debug", tone: "outline" },
  info: { label: "settings.level.info", tone: "accent" },
  warn: { label: "settings.level.warn", tone: "warning" },
  error: { label: "settings.level.error", tone: "danger" },
};

/** The level of a line of a log, in words. */
export function levelName(level: string): string {
  const known = levels[level];
  return known ? t(known.label) : level;
}

export function LevelBadge({ level }: { level: string }) {
  return <Badge tone={levels[level]?.tone ?? "outline"}>{levelName(level)}</Badge>;
}

export function PureBadge() {
  return (
    <Badge tone="success">
      <ShieldCheck aria-hidden />
      {t("inspection.pure")}
    </Badge>
  );
}

/** Names of attached hooks, as the API spells them, in words. */
export function HookBadges({ hooks }: { hooks: string[] }) {
  return (
    <span className="flex flex-wrap gap-1">
      {hooks.map((name) => {
        const label = hookLabel(name);
        return <Badge key={name}>{label ? t(label) : name}</Badge>;
      })}
    </span>
  );
}

const shownMax = 2;

/** The exports of a plugin, short: the first few and how many more there are. */
export function ExportBadges({ exports }: { exports: string[] }) {
  const known = [...attachableHooks(exports), ...momentHooks(exports)];
  const labels = [...known.map((hook) => t(hook.label)), ...otherExports(exports)];
  const more = labels.length - shownMax;
  return (
    <span className="flex flex-wrap gap-1">
      {labels.slice(0, shownMax).map((label) => (
        <Badge key={label}>{label}</Badge>
      ))}
      {more > 0 && <Badge tone="outline">{t("plugins.more", { count: more })}</Badge>}
    </span>
  );
}

/** What a plugin asks for, as one sign each. */
export function CapabilitySigns({ capabilities }: { capabilities: string[] }) {
  if (capabilities.length === 0) return <PureBadge />;
  return (
    <span className="flex flex-wrap gap-1">
      {describeCapabilities(capabilities).map(({ name, icon: Icon, label }) => (
        <Badge key={name} tone="outline" title={label}>
          <Icon aria-hidden />
          {name}
        </Badge>
      ))}
    </span>
  );
}
