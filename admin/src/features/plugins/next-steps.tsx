import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed } from "lucide-react";
import { routeQuery, schedulesQuery } from "@/api/plugin-moments";
import { attachmentsQuery, grantsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Card } from "@/ui/card";
import { consentOf } from "./consent";
import { attachableHooks, isClocked, isRouted } from "./hooks";
import type { PluginTab } from "./search";

/** What is left to do before a new plugin works; nothing once it does. */
export function NextSteps({ plugin }: { plugin: Plugin }) {
  const attachments = useQuery(attachmentsQuery(plugin.id));
  const grants = useQuery(grantsQuery(plugin.id));
  const clocked = isClocked(plugin.exports);
  const routed = isRouted(plugin.exports);
  const schedules = useQuery({ ...schedulesQuery(plugin.id), enabled: clocked });
  const route = useQuery({ ...routeQuery(plugin.id), enabled: routed });
  if (!attachments.data || !grants.data) return null;
  if ((clocked && !schedules.data) || (routed && route.data === undefined)) return null;

  const answers = plugin.capabilities.map((name) => consentOf(name, grants.data).state);
  const decided = answers.filter((state) => state === "given" || state === "missing");
  const steps: { done: boolean; text: string; tab?: PluginTab }[] = [
    { done: true, text: t("steps.inspected") },
    ...(decided.length > 0
      ? [
          {
            done: decided.every((state) => state === "given"),
            text: t("steps.grant"),
            tab: "grants" as const,
          },
        ]
      : []),
    ...(attachableHooks(plugin.exports).length > 0
      ? [{ done: attachments.data.length > 0, text: t("steps.attach"), tab: "runs" as const }]
      : []),
    ...(clocked
      ? [{ done: schedules.data?.length !== 0, text: t("steps.schedule"), tab: "schedules" as const }]
      : []),
    ...(routed ? [{ done: route.data !== null, text: t("steps.route"), tab: "route" as const }] : []),
  ];
  if (steps.every(({ done }) => done)) return null;
  return (
    <Card className="grid gap-1 p-2">
      <h2 className="px-2.5 pt-1.5 font-medium text-sm">{t("steps.title")}</h2>
      <ol aria-label={t("steps.title")} className="grid sm:grid-flow-col sm:auto-cols-fr">
        {steps.map((step) => (
          <li key={step.text}>
            <StepLine plugin={plugin} {...step} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

interface StepLineProps {
  plugin: Plugin;
  done: boolean;
  text: string;
  tab?: PluginTab;
}

function StepLine({ plugin, done, text, tab }: StepLineProps) {
  const Icon = done ? CircleCheck : CircleDashed;
  const content = (
    <>
      <Icon aria-hidden className={done ? "size-4 shrink-0 text-success" : "size-4 shrink-0 text-ink-soft"} />
      <span className={done ? "text-ink-soft" : "font-medium"}>{text}</span>
      {done && <span className="sr-only">{t("home.done")}</span>}
    </>
  );
  const look = "flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 py-1.5";
  return tab && !done ? (
    <Link {...paths.plugin(plugin.id, tab)} className={`${look} hover:bg-hover`}>
      {content}
    </Link>
  ) : (
    <span className={look}>{content}</span>
  );
}
