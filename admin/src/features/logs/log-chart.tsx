import { type KeyboardEvent, useState } from "react";
import { formatMoment } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import type { Bar } from "./log-filter";

interface LogChartProps {
  bars: Bar[];
  /** The beginning of the bar that the list is narrowed to. */
  chosenMs: number | null;
  onChoose: (bar: Bar | null) => void;
}

/** How much there was when. A bar is a button: pressed, it narrows the list to its time; arrows go from one to the next. */
export function LogChart({ bars, chosenMs, onChoose }: LogChartProps) {
  const [active, setActive] = useState(bars.length - 1);
  const most = Math.max(1, ...bars.map(({ total }) => total));
  const all = bars.reduce((sum, { total }) => sum + total, 0);
  const first = bars[0];
  const last = bars.at(-1);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(Math.max(active + step, 0), bars.length - 1);
    setActive(next);
    event.currentTarget.querySelectorAll("button")[next]?.focus();
  };

  return (
    <Card className="grid gap-2 px-4 py-3.5">
      <p className="text-ink-soft text-xs tabular-nums">{t("requests.total", { count: all })}</p>
      <div
        role="toolbar"
        aria-label={t("requests.chart")}
        className="flex h-20 items-stretch gap-px sm:gap-0.5"
        onKeyDown={onKeyDown}
      >
        {bars.map((bar, place) => (
          <button
            key={bar.startMs}
            type="button"
            tabIndex={place === active ? 0 : -1}
            aria-pressed={bar.startMs === chosenMs}
            aria-label={barLabel(bar)}
            title={barLabel(bar)}
            onFocus={() => setActive(place)}
            onClick={() => onChoose(bar.startMs === chosenMs ? null : bar)}
            className="group flex min-w-0 flex-1 items-end rounded-sm hover:bg-hover"
          >
            <span
              className={cn(
                "w-full rounded-sm bg-accent/55 group-hover:bg-accent group-aria-pressed:bg-accent",
                bar.total === 0 && "bg-line-strong/50",
              )}
              style={{ height: bar.total === 0 ? 2 : `${Math.max(6, (bar.total / most) * 100)}%` }}
            />
          </button>
        ))}
      </div>
      {first && last && (
        <p aria-hidden className="flex justify-between text-ink-soft text-xs tabular-nums">
          <span>{formatMoment(new Date(first.startMs))}</span>
          <span>{formatMoment(new Date(last.endMs))}</span>
        </p>
      )}
    </Card>
  );
}

function barLabel({ startMs, total }: Bar): string {
  return t("requests.bar", { count: total, from: formatMoment(new Date(startMs)) });
}
