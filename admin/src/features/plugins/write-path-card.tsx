import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import type { Placement } from "./order";
import { type Stop, type Write, writePath, writes } from "./write-path";

const labels = { create: "rule.create", update: "rule.update", delete: "rule.delete" } as const;

/** A write from the request to the commit and beyond, and who has a say in it on the way. */
export function WritePathCard({ collection, placements }: { collection: string; placements: Placement[] }) {
  const [write, setWrite] = useState<Write>("create");
  return (
    <Card className="grid content-start gap-4 px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium">{t("path.title", { collection })}</h3>
        <fieldset className="inline-flex rounded-lg border border-line bg-sunken p-0.5">
          <legend className="sr-only">{t("path.kind")}</legend>
          {writes.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={write === each}
              onClick={() => setWrite(each)}
              className={cn(
                "min-h-7 rounded-md px-2.5 font-medium text-ink-soft text-xs hover:text-ink",
                write === each && "bg-surface text-ink shadow-lift",
              )}
            >
              {t(labels[each])}
            </button>
          ))}
        </fieldset>
      </div>
      <ol aria-label={t("path.title", { collection })} className="grid">
        {writePath(placements, write).map((stop, index, all) => (
          <StopRow key={stop.key} stop={stop} last={index === all.length - 1} />
        ))}
      </ol>
    </Card>
  );
}

function StopRow({ stop: { label, text, plugins, hook }, last }: { stop: Stop; last: boolean }) {
  const busy = plugins.length > 0;
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3">
      <span aria-hidden className="relative flex justify-center">
        {!last && <span className="absolute top-3 bottom-0 w-px translate-y-1.5 bg-line" />}
        <span
          className={cn(
            "relative mt-1.5 size-2.5 rounded-full border-2 bg-surface",
            busy ? "border-accent bg-accent" : "border-line-strong",
          )}
        />
      </span>
      <div className={cn("grid gap-1", !last && "pb-4")}>
        <p className={cn("text-sm", busy ? "font-medium" : "text-ink-soft")}>{t(label)}</p>
        {text && <p className="text-ink-soft text-xs leading-5">{t(text)}</p>}
        {busy && (
          <ol className="mt-0.5 flex flex-wrap gap-1.5">
            {plugins.map(({ plugin, attachment }) => (
              <li key={attachment.id}>
                <Link
                  {...paths.plugin(plugin.id, "runs")}
                  className="inline-flex min-h-7 items-center gap-1.5 rounded-lg border border-accent/35 bg-accent-soft px-2 font-medium text-xs hover:border-accent"
                >
                  {plugin.name}
                  {plugin.state === "open" && <Badge tone="danger">{t("plugin.state.open")}</Badge>}
                  {plugin.state === "broken" && <Badge tone="danger">{t("plugin.state.broken")}</Badge>}
                </Link>
              </li>
            ))}
          </ol>
        )}
        {hook && !busy && <p className="text-ink-soft text-xs">{t("path.nobody")}</p>}
      </div>
    </li>
  );
}
