import type { LucideIcon } from "lucide-react";
import { ShieldCheck, Webhook } from "lucide-react";
import type { ReactNode } from "react";
import type { Plugin } from "@/api/types";
import { CopyButton } from "@/components/copy-button";
import { Section } from "@/components/page";
import { formatBytes, formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { describeCapabilities } from "./capabilities";
import { attachableHooks, otherExports } from "./hooks";
import { PureBadge, StateBadge } from "./plugin-signs";

/** What is known of a plugin without running it: what it hooks into, what it asks for, and the facts of its file. */
export function Inspection({ plugin }: { plugin: Plugin }) {
  return (
    <Section title={t("inspection.title")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 lg:grid-cols-2">
        <Hooks exports={plugin.exports} />
        <Capabilities plugin={plugin} />
        <Facts plugin={plugin} />
      </div>
    </Section>
  );
}

function Hooks({ exports }: { exports: string[] }) {
  return (
    <Panel title={t("inspection.hooks")} text={t("inspection.hooksText")}>
      <ul className="grid gap-3.5">
        {attachableHooks(exports).map((hook) => (
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

function Capabilities({ plugin: { capabilities, imports } }: { plugin: Plugin }) {
  const basics = imports.filter((name) => name.startsWith("wasi:"));
  const asked = describeCapabilities([...capabilities, ...basics]);
  return (
    <Panel
      title={t("inspection.capabilities")}
      text={asked.length > 0 ? t("inspection.capabilitiesText") : undefined}
      aside={capabilities.length === 0 && <PureBadge />}
    >
      {asked.length > 0 ? (
        <ul className="grid gap-3.5">
          {asked.map(({ name, icon, label, text }) => (
            <Entry key={name} icon={icon} title={label} code={name} text={text} />
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
      {imports.length > 0 && <Imports imports={imports} />}
    </Panel>
  );
}

function Imports({ imports }: { imports: string[] }) {
  return (
    <details className="text-sm">
      <summary className="w-fit rounded py-0.5 text-ink-soft hover:text-ink">
        {t("inspection.imports", { count: imports.length })}
      </summary>
      <ul className="mt-2 grid gap-1 rounded-lg bg-sunken px-3 py-2 font-mono text-xs leading-5">
        {imports.map((name) => (
          <li key={name} className="[overflow-wrap:anywhere]">
            {name}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Facts({ plugin: { size, sha256, compileMs, state } }: { plugin: Plugin }) {
  return (
    <Card className="lg:col-span-2">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 px-5 py-4 sm:grid-cols-[1fr_1fr_1fr_auto]">
        <Fact name={t("inspection.state")}>
          <StateBadge state={state} />
        </Fact>
        <Fact name={t("inspection.size")}>
          <span className="tabular-nums">{formatBytes(size)}</span>
        </Fact>
        <Fact name={t("inspection.compile")}>
          <span className="tabular-nums">{formatMilliseconds(compileMs)}</span>
        </Fact>
        <Fact name={t("inspection.sha256")}>
          <span className="-my-1 inline-flex items-center gap-1">
            <code title={sha256} className="whitespace-nowrap font-mono text-[0.8125rem]">
              {shortHash(sha256)}
            </code>
            <CopyButton value={sha256} what={t("inspection.sha256")} />
          </span>
        </Fact>
      </dl>
    </Card>
  );
}

/** Enough of a hash to tell two apart at a glance. */
function shortHash(hash: string): string {
  return hash.length > 16 ? `${hash.slice(0, 8)}…${hash.slice(-6)}` : hash;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <dt className="text-ink-soft text-xs">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
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
}

function Entry({ icon: Icon, tone = "neutral", title, code, text }: EntryProps) {
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
      <div className="grid min-w-0 gap-0.5">
        <p className="flex flex-wrap items-baseline gap-x-2 font-medium">
          {title}
          {code && <code className="font-mono font-normal text-ink-soft text-xs">{code}</code>}
        </p>
        <p className="text-ink-soft text-sm leading-5">{text}</p>
      </div>
    </li>
  );
}
