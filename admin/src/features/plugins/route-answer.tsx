import type { ExchangeAnswer } from "@/api/exchange";
import { CopyButton } from "@/components/copy-button";
import { formatBytes, formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Folded } from "@/ui/folded";

/** So much of a text is shown; all of it can be copied. */
const shownMax = 20_000;

/** What a route answered: its status, its headers, its body as far as it is text. */
export function RouteAnswer({ answer }: { answer: ExchangeAnswer }) {
  const { status, headers, text, bytes, durationMs } = answer;
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  const shown = text === null ? null : spaced(text, type);
  return (
    <section aria-label={t("route.answer")} className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Badge tone={toneOf(status)} className="text-sm tabular-nums">
          {String(status)}
        </Badge>
        <span className="text-ink-soft [overflow-wrap:anywhere]">{type}</span>
        <span className="ml-auto text-ink-soft tabular-nums">
          {`${formatBytes(bytes)} · ${formatMilliseconds(durationMs)}`}
        </span>
      </p>
      {shown === null ? (
        <p className="text-ink-soft text-sm">{t("route.binary")}</p>
      ) : shown === "" ? (
        <p className="text-ink-soft text-sm">{t("route.noBody")}</p>
      ) : (
        <div className="relative">
          {/* It scrolls, so that the keyboard has to reach it. */}
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
            tabIndex={0}
            className="max-h-80 overflow-auto whitespace-pre-wrap rounded-lg bg-sunken px-3 py-2.5 pr-10 font-mono text-xs leading-5 [overflow-wrap:anywhere]"
          >
            {shown.slice(0, shownMax)}
          </pre>
          <CopyButton value={shown} what={t("route.answerWhat")} className="absolute top-1.5 right-1.5" />
        </div>
      )}
      <Folded title={t("route.headers", { count: headers.length })}>
        <dl className="grid gap-1 font-mono text-xs leading-5">
          {headers.map(([name, value]) => (
            <div key={name} className="flex flex-wrap gap-x-2">
              <dt className="text-ink-soft">{name}</dt>
              <dd className="[overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
        </dl>
      </Folded>
    </section>
  );
}

function toneOf(status: number): BadgeTone {
  if (status >= 500) return "danger";
  return status >= 400 ? "warning" : "success";
}

/** JSON with room between its parts; anything else as it came. */
function spaced(text: string, type: string): string {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
