import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import { ShieldCheck, Webhook } from "lucide-react";
import type { ReactNode } from "react";
import { grantsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Section } from "@/components/page";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { type Capability, describeCapabilities } from "./capabilities";
import { type Consent, consentOf } from "./consent";
import { attachableHooks, momentHooks, otherExports } from "./hooks";
import { InspectionFacts, Interfaces } from "./inspection-facts";
import { isRuntime } from "./interfaces";
import { PureBadge } from "./plugin-signs";

/** What is known of a plugin without running it: what it hooks into, what it asks for and got, and the facts of its file. */
export function Inspection({ plugin }: { plugin: Plugin }) {
  return (
    <Section title={t("inspection.title")} description={t("inspection.text")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 lg:grid-cols-2">
        <Hooks exports={plugin.exports} />
        <Capabilities plugin={plugin} />
        <InspectionFacts plugin={plugin} />
        <Interfaces plugin={plugin} />
      </div>
    </Section>
  );
}

function Hooks({ exports }: { exports: string[] }) {
  return (
    <Panel title={t("inspection.hooks")} text={t("inspection.hooksText")}>
      <ul className="grid gap-3.5">
        {[...attachableHooks(exports), ...momentHooks(exports)].map((hook) => (
          <Entry
            key={hook.name}
            icon={Webhook}
            title={t(hook.label)}
            code={hook.export}
            text={t(hook.text)}
          />
        ))}
        {otherExports(exports).map((name) => (
          <Entry key={name} icon={Webhook} title={name} text={t("hook.otherText")} />
        ))}
      </ul>
    </Panel>
  );
}

function Capabilities({ plugin }: { plugin: Plugin }) {
  const basics = plugin.imports.filter(isRuntime);
  const asked = describeCapabilities([...plugin.capabilities, ...basics]);
  const grants = useQuery(grantsQuery(plugin.id));
  return (
    <Panel
      title={t("inspection.capabilities")}
      text={asked.length > 0 ? t("inspection.capabilitiesText") : undefined}
      aside={plugin.capabilities.length === 0 && <PureBadge />}
    >
      {asked.length > 0 ? (
        <ul className="grid gap-3.5">
          {asked.map((capability) => (
            <Asked
              key={capability.name}
              plugin={plugin}
              capability={capability}
              consent={consentOf(capability.name, grants.data)}
            />
          ))}
        </ul>
      ) : (
        <ul>
          <Entry
            icon={ShieldCheck}
            tone="success"
            title={t("inspection.pureTitle")}
            text={t("inspection.pureText")}
          />
        </ul>
      )}
    </Panel>
  );
}

const signs = {
  free: { label: "consent.free", tone: "outline" },
  given: { label: "consent.given", tone: "success" },
  missing: { label: "consent.missing", tone: "warning" },
} as const satisfies Record<string, { label: string; tone: BadgeTone }>;

interface AskedProps {
  plugin: Plugin;
  capability: Capability;
  consent: Consent;
}

/** A thing that it asks for, with the answer that it was given. */
function Asked({ plugin, capability: { name, icon, label, text }, consent: { state, lines } }: AskedProps) {
  const sign = state === "unknown" ? null : signs[state];
  return (
    <Entry
      icon={icon}
      title={label}
      code={name}
      text={text}
      aside={sign && <Badge tone={sign.tone}>{t(sign.label)}</Badge>}
    >
      {lines.length > 0 && (
        <ul className="mt-1 grid gap-0.5 text-sm">
          {lines.map((line) => (
            <li key={line} className="[overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
        </ul>
      )}
      {(state === "missing" || state === "given") && (
        <Link
          {...paths.plugin(plugin.id, "grants")}
          className="mt-0.5 inline-flex min-h-6 w-fit items-center text-accent text-sm underline-offset-4 hover:underline"
        >
          {t(state === "missing" ? "consent.decide" : "consent.change")}
          <span className="sr-only">{`: ${label}`}</span>
        </Link>
      )}
    </Entry>
  );
}

interface PanelProps {
  title: string;
  text?: string;
  aside?: ReactNode;
  children: ReactNode;
}

function Panel({ title, text, aside, children }: PanelProps) {
  return (
    <Card className="grid content-start gap-4 px-5 py-4">
      <header className="flex flex-wrap items-start justify-between gap-2">
        <div className="grid gap-0.5">
          <h3 className="font-medium">{title}</h3>
          {text && <p className="text-ink-soft text-sm">{text}</p>}
        </div>
        {aside}
      </header>
      {children}
    </Card>
  );
}

interface EntryProps {
  icon: LucideIcon;
  tone?: "neutral" | "success";
  title: string;
  /** The name the machine has for it. */
  code?: string;
  text: string;
  aside?: ReactNode;
  children?: ReactNode;
}

function Entry({ icon: Icon, tone = "neutral", title, code, text, aside, children }: EntryProps) {
  return (
    <li className="flex gap-3">
      <span
        className={cn(
          "mt-0.5 grid size-7 shrink-0 place-items-center rounded-lg",
          tone === "success" ? "bg-success-soft text-success" : "bg-hover text-ink-soft",
        )}
      >
        <Icon aria-hidden className="size-3.5" />
      </span>
      <div className="grid min-w-0 flex-1 gap-0.5">
        <div className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
          <p className="flex min-w-0 flex-wrap items-baseline gap-x-2 font-medium">
            {title}
            {code && <code className="font-mono font-normal text-ink-soft text-xs">{code}</code>}
          </p>
          {aside}
        </div>
        <p className="text-ink-soft text-sm leading-5">{text}</p>
        {children}
      </div>
    </li>
  );
}
