import { useQuery } from "@tanstack/react-query";
import { Outlet, useRouter } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type ReactElement, useEffect } from "react";
import { sessionQuery } from "@/api/queries";
import { Brand } from "@/components/brand";
import { pageTitleId } from "@/components/page";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { TooltipProvider } from "@/ui/tooltip";
import { ConnectionBanner } from "./connection-banner";
import { BottomNav, SideNav } from "./nav";
import { paletteEvent, Shortcuts } from "./shortcuts";
import { UserMenu } from "./user-menu";

/** The frame of every signed-in page: navigation, account, connection, and the page itself. */
export function Shell(): ReactElement {
  const email = useSessionEmail();
  useFocusOnNavigation();
  usePagesAhead();

  return (
    <TooltipProvider delayDuration={350} skipDelayDuration={150}>
      <div className="min-h-dvh sm:pl-16 lg:pl-60">
        <a
          href="#main"
          className="fixed top-2 left-2 z-50 -translate-y-16 rounded-lg bg-accent px-3 py-2 font-medium text-on-accent text-sm focus:translate-y-0"
        >
          {t("app.skip")}
        </a>
        <aside className="fixed inset-y-0 left-0 z-20 hidden w-16 flex-col gap-6 border-line border-r bg-sunken px-3 py-4 sm:flex lg:w-60">
          <Brand className="px-2 max-lg:justify-center max-lg:px-0 max-lg:[&>span]:sr-only" />
          <PaletteButton />
          <SideNav />
          <UserMenu email={email} compact={false} />
        </aside>
        <header className="sticky top-0 z-20 flex items-center justify-between border-line border-b bg-sunken/95 px-4 py-2 backdrop-blur sm:hidden">
          <Brand />
          <span className="flex items-center gap-1">
            <Button variant="ghost" size="icon" aria-label={t("palette.open")} onClick={openPalette}>
              <Search aria-hidden />
            </Button>
            <UserMenu email={email} compact />
          </span>
        </header>
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className="pb-20 outline-none sm:pb-8">
          <Outlet />
        </main>
        <BottomNav />
        <Shortcuts />
      </div>
    </TooltipProvider>
  );
}

const openPalette = () => window.dispatchEvent(new Event(paletteEvent));

function PaletteButton() {
  return (
    <Button
      onClick={openPalette}
      className="justify-start gap-2.5 px-3 text-ink-soft max-lg:justify-center max-lg:px-0"
    >
      <Search aria-hidden />
      <span className="flex-1 text-left font-normal max-lg:sr-only">{t("palette.open")}</span>
      <Kbd aria-hidden className="max-lg:hidden">
        {t("palette.keys")}
      </Kbd>
    </Button>
  );
}

/** Watches the session, and leaves for the sign-in page when it turns out to have ended. */
function useSessionEmail(): string {
  const router = useRouter();
  const { data: session } = useQuery(sessionQuery());
  const ended = session === null;
  useEffect(() => {
    if (!ended) return;
    const redirect = router.state.location.href;
    void router.navigate({ to: "/login", search: { redirect, expired: "yes" }, replace: true });
  }, [ended, router]);
  return session?.record.email ?? "";
}

/** Fetches the code of the other pages once this one stands, so that no step waits for it, or fails without it. */
function usePagesAhead(): void {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route);
    }, 1000);
    return () => clearTimeout(timer);
  }, [router]);
}

/** A page that changes in place says nothing to a screen reader; the focus on its title does. */
function useFocusOnNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ pathChanged, fromLocation }) => {
        if (pathChanged && fromLocation) document.getElementById(pageTitleId)?.focus({ preventScroll: true });
      }),
    [router],
  );
}
