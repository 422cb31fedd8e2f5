import type { EffectiveLimits as Limits } from "@/api/types";
import { formatBytes, formatList, formatMilliseconds, formatNumber } from "@/format";
import { t } from "@/i18n";
import { hookLabel } from "./hooks";

interface EffectiveLimitsProps {
  /** By moment, as the server has worked them out of what is saved. */
  limits: Record<string, Limits>;
  /** Whether something else is typed than what is saved. */
  changed: boolean;
}

/** What a call really gets: the least of what the server, the tenant, the plugin and the place allow. */
export function EffectiveLimits({ limits, changed }: EffectiveLimitsProps) {
  const lines = linesOf(limits);
  if (lines.length === 0) return null;
  return (
    <section
      aria-label={t("terms.get")}
      className="grid gap-1.5 rounded-lg bg-sunken px-3 py-2.5 text-ink-soft text-xs leading-5"
    >
      <p>
        <span className="font-medium text-ink">{t("terms.get")}</span>{" "}
        {t(changed ? "terms.getChanged" : "terms.getText")}
      </p>
      <ul className="grid gap-1">
        {lines.map(({ moments, words }) => (
          <li key={moments} className="tabular-nums [overflow-wrap:anywhere]">
            {lines.length > 1 && <span className="text-ink">{moments}: </span>}
            {words}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One line for all moments that get the same. */
function linesOf(limits: Record<string, Limits>): { moments: string; words: string }[] {
  const moments = new Map<string, string[]>();
  for (const [moment, each] of Object.entries(limits)) {
    const label = hookLabel(moment);
    const words = wordsOf(each);
    moments.set(words, [...(moments.get(words) ?? []), label ? t(label) : moment]);
  }
  return [...moments].map(([words, names]) => ({ words, moments: formatList(names) }));
}

function wordsOf(limits: Limits): string {
  const { fuel, fuelPerKib, wallMs, memoryMb, hostCalls, bytesPerCall, handles, logBytes, atOnce } = limits;
  return [
    fuelPerKib > 0
      ? t("terms.fuelAndMore", { fuel, more: formatNumber(fuelPerKib) })
      : t("terms.fuel", { fuel }),
    formatMilliseconds(wallMs),
    t("terms.memory", { memory: memoryMb }),
    hostCalls > 0 ? t("terms.hostCalls", { count: hostCalls }) : t("terms.noHostCalls"),
    hostCalls > 0 && t("terms.bytesPerCall", { size: formatBytes(bytesPerCall) }),
    hostCalls > 0 && t("terms.handles", { count: handles }),
    logBytes > 0 && t("terms.log", { size: formatBytes(logBytes) }),
    atOnce && t("terms.atOnce", { count: atOnce }),
  ]
    .filter((words) => typeof words === "string")
    .join(" · ");
}
