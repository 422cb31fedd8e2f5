import { Link, type LinkProps } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { t } from "@/i18n";
import { cn } from "@/ui/cn";

/** Where the shell puts the focus after a change of page, so that a screen reader reads the new title. */
export const pageTitleId = "page-title";

interface PageProps {
  title: string;
  /** A list page says what it is for; a detail page says what it shows. */
  description?: ReactNode;
  badges?: ReactNode;
  actions?: ReactNode;
  back?: { to: LinkProps; place: string };
  /** As wide as the window: for tables with many columns. */
  wide?: boolean;
  children: ReactNode;
}

/** The frame of a signed-in page: title, what can be done here, and the content. */
export function Page({ title, description, badges, actions, back, wide, children }: PageProps) {
  useDocumentTitle(title);
  return (
    <div
      className={cn(
        "mx-auto grid w-full grid-cols-[minmax(0,1fr)] gap-6 px-4 py-6 sm:px-8 sm:py-8",
        !wide && "max-w-6xl",
      )}
    >
      <header className="grid gap-2">
        {back && (
          <Link
            {...back.to}
            className="-ml-1 inline-flex min-h-6 w-fit items-center gap-1 rounded pr-1.5 text-ink-soft text-sm hover:text-ink"
          >
            <ChevronLeft aria-hidden className="size-4" />
            {t("action.back", { place: back.place })}
          </Link>
        )}
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="grid min-w-0 gap-1">
            <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5">
              <h1
                id={pageTitleId}
                tabIndex={-1}
                className="min-w-0 break-words font-semibold text-[1.375rem] leading-8 tracking-[-0.015em] outline-none"
              >
                {title}
              </h1>
              {badges}
            </div>
            {description && <div className="max-w-2xl text-ink-soft">{description}</div>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      </header>
      {children}
    </div>
  );
}

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = t("app.title", { page: title });
  }, [title]);
}

interface SectionProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, description, actions, children }: SectionProps) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {/* As high as with a link at its side, so that what stands below two of them is level. */}
      <header className="flex min-h-6 flex-wrap items-end justify-between gap-x-6 gap-y-2">
        {/* Beside what can be done, the text may break; only where there is no room for both is that below. */}
        <div className="grid min-w-0 flex-1 basis-72 gap-0.5">
          <h2 className="font-semibold text-[0.9375rem] tracking-tight">{title}</h2>
          {description && <p className="text-ink-soft text-sm">{description}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}
