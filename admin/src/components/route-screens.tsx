/** What the router shows when a page cannot be: not there, not loaded, or broken. */
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass, TriangleAlert } from "lucide-react";
import { ApiError, toApiError } from "@/api/errors";
import { useDocumentTitle } from "@/components/page";
import { ErrorState, Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";

const room = "mx-auto w-full max-w-2xl px-4 py-12 sm:py-20";

/** Within the shell, as a page is: from here the navigation leads on. */
export function MissingScreen() {
  useDocumentTitle(t("missing.title"));
  return (
    <div className={room}>
      <Notice
        icon={Compass}
        heading="h1"
        title={t("missing.title")}
        actions={
          <Button asChild variant="primary">
            <Link {...paths.home()}>{t("missing.home")}</Link>
          </Button>
        }
      >
        {t("missing.text")}
      </Notice>
    </div>
  );
}

/** Fails within the shell: the navigation stays. */
export function ErrorScreen({ error }: ErrorComponentProps) {
  const router = useRouter();
  useDocumentTitle(t("error.page.title"));
  return (
    <div className={room}>
      {error instanceof ApiError ? (
        <ErrorState heading="h1" error={error} onRetry={() => router.invalidate()} />
      ) : (
        <Notice
          icon={TriangleAlert}
          tone="danger"
          heading="h1"
          title={t("error.page.title")}
          actions={<Button onClick={() => window.location.reload()}>{t("action.reload")}</Button>}
          footer={
            <code className="max-w-full break-words font-mono text-ink-soft text-xs">
              {toApiError(error).message}
            </code>
          }
        >
          {t("error.page.text")}
        </Notice>
      )}
    </div>
  );
}

/** Fails before there is a shell: while the session is asked for. */
export function WholeErrorScreen(props: ErrorComponentProps) {
  return (
    <main>
      <ErrorScreen {...props} />
    </main>
  );
}

export function PendingScreen() {
  return (
    <div role="status" className="grid min-h-[40dvh] animate-late place-items-center text-ink-soft">
      <Spinner className="size-5" />
      <span className="sr-only">{t("app.loading")}</span>
    </div>
  );
}
