import { Link } from "@tanstack/react-router";
import { t } from "@/i18n";
import { cn } from "@/ui/cn";
import { Tooltip } from "@/ui/tooltip";
import { places, thumbPlaces } from "./places";

/** A list with names on wide screens, a rail of signs on middling ones. */
export function SideNav() {
  return (
    <nav aria-label={t("nav.label")} className="flex-1">
      <ul className="grid gap-1">
        {places.map(({ label, icon: Icon, to, exact }) => (
          <li key={label}>
            <Tooltip content={t(label)} side="right" className="lg:hidden">
              <Link
                {...to}
                activeOptions={{ exact, includeSearch: false }}
                className="flex h-9 items-center gap-3 rounded-lg px-3 font-medium text-sm transition-colors max-lg:justify-center max-lg:px-0"
                inactiveProps={{ className: "text-ink-soft hover:bg-hover hover:text-ink" }}
                activeProps={{
                  className: "bg-surface text-ink shadow-lift ring-1 ring-line [&_svg]:text-accent",
                }}
              >
                <Icon aria-hidden className="size-4 shrink-0" />
                <span className="max-lg:sr-only">{t(label)}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Within reach of a thumb. */
export function BottomNav() {
  return (
    <nav
      aria-label={t("nav.label")}
      className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-sunken/95 pb-[env(safe-area-inset-bottom)] backdrop-blur sm:hidden"
    >
      <ul className={cn("grid auto-cols-fr grid-flow-col")}>
        {thumbPlaces.map(({ label, icon: Icon, to, exact }) => (
          <li key={label}>
            <Link
              {...to}
              activeOptions={{ exact, includeSearch: false }}
              className="flex h-14 flex-col items-center justify-center gap-1 font-medium text-2xs focus-visible:outline-offset-[-4px]"
              inactiveProps={{ className: "text-ink-soft" }}
              activeProps={{ className: "text-ink [&_svg]:text-accent" }}
            >
              <Icon aria-hidden className="size-5" strokeWidth={1.75} />
              {t(label)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
