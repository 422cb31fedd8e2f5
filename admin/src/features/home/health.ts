/** What to make of the figures of a running server: how each is, in a word, and how busy the processor is between two looks. */
import type { Stats } from "@/api/system";
import { t } from "@/i18n";

export type Condition = "good" | "watch" | "bad";

export interface Finding {
  condition: Condition;
  text: string;
}

/** Shares of requests that failed, from which on it is worth a look, and from which on it is bad. */
const watchShare = 0.001;
const badShare = 0.01;

/** What is not as it should be; nothing when all is well. */
export function findings({ requests, outbox, logs, plugins }: Stats): Finding[] {
  const failed = requests.byStatus["5xx"] ?? 0;
  const share = requests.total > 0 ? failed / requests.total : 0;
  const pluginFailures = plugins.reduce((sum, { failures }) => sum + failures, 0);
  const found: (Finding | false)[] = [
    share >= watchShare && {
      condition: share >= badShare ? "bad" : "watch",
      text: t("health.failed", { count: failed }),
    },
    outbox.dead > 0 && { condition: "bad", text: t("health.dead", { count: outbox.dead }) },
    pluginFailures > 0 && { condition: "watch", text: t("health.plugins", { count: pluginFailures }) },
    logs.dropped > 0 && { condition: "watch", text: t("health.dropped", { count: logs.dropped }) },
  ];
  return found.filter((each) => each !== false);
}

/** The share of the machine that the process has used between two looks. */
export function processorShare(before: Stats | undefined, now: Stats): number {
  const { cpuSeconds, cores } = now.process;
  const then = before?.process.cpuSeconds;
  // Without an earlier look it is that of the whole time.
  const known = then !== undefined && before && now.uptimeS > before.uptimeS;
  const spent = known ? cpuSeconds - then : cpuSeconds;
  const seconds = known ? now.uptimeS - before.uptimeS : Math.max(1, now.uptimeS);
  return Math.min(1, Math.max(0, spent / seconds / cores));
}
