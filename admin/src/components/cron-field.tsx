import { useEffect, useState } from "react";
import { readCron } from "@/components/cron";
import { formatAgo, formatMoment } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";

interface CronFieldProps {
  label: string;
  help?: string;
  error?: string;
  value: string;
  onChange: (value: string) => void;
}

const usual = [
  { expression: "*/15 * * * *", label: "cron.quarter" },
  { expression: "0 * * * *", label: "cron.hourly" },
  { expression: "0 3 * * *", label: "cron.nightly" },
  { expression: "0 6 * * 1", label: "cron.weekly" },
  { expression: "0 4 1 * *", label: "cron.monthly" },
] as const satisfies { expression: string; label: PlainKey }[];
const shown = 3;

/** When something happens again and again: the expression, usual ones to begin with, and the times that it means. */
export function CronField({ label, help, error, value, onChange }: CronFieldProps) {
  return (
    <div className="grid gap-2.5">
      <Field label={label} help={help} error={error}>
        {(control) => (
          <Input
            {...control}
            className="max-w-72 font-mono"
            {...verbatim}
            placeholder={usual[2].expression}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-1.5">
        {usual.map(({ expression, label: words }) => (
          <Button
            key={expression}
            size="sm"
            aria-pressed={value.trim() === expression}
            className="aria-pressed:border-accent/60 aria-pressed:bg-accent-soft"
            onClick={() => onChange(expression)}
          >
            {t(words)}
          </Button>
        ))}
      </div>
      {value.trim() !== "" && <NextTimes expression={value} />}
    </div>
  );
}

/** The times that an expression means, in the person's own time. */
function NextTimes({ expression }: { expression: string }) {
  const now = useMinute();
  const reading = readCron(expression, now, shown);
  return (
    <div role="status" className="rounded-lg bg-sunken px-3 py-2 text-sm">
      {reading.kind === "wrong" && <p className="text-ink-soft">{t("cron.wrong")}</p>}
      {reading.kind === "unknown" && <p className="text-ink-soft">{t("cron.unknown")}</p>}
      {reading.kind === "times" && reading.times.length === 0 && (
        <p className="text-warning">{t("cron.never")}</p>
      )}
      {reading.kind === "times" && reading.times.length > 0 && (
        <>
          <p className="mb-0.5 text-ink-soft text-xs">{t("cron.next")}</p>
          <ol aria-label={t("cron.next")} className="grid gap-0.5 tabular-nums">
            {reading.times.map((time) => (
              <li key={time.getTime()} className="flex flex-wrap justify-between gap-x-4">
                <span>{formatMoment(time)}</span>
                <span className="text-ink-soft">{formatAgo(time, now)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

/** Now, anew with each minute. */
function useMinute(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000 - (Date.now() % 60_000));
    return () => clearInterval(timer);
  }, []);
  return now;
}
