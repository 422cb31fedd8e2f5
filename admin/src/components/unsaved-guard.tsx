import { useBlocker } from "@tanstack/react-router";
import { t } from "@/i18n";
import { AlertDialog, AlertDialogCancel, AlertDialogContent } from "@/ui/alert-dialog";
import { Button } from "@/ui/button";

interface UnsavedGuardProps {
  dirty: boolean;
  /** Whether what is typed survives a way to this path: the tabs of the same page, for example. */
  survives?: (path: string) => boolean;
}

/** Asks before what was typed is left behind, also when the tab is closed. */
export function UnsavedGuard({ dirty, survives }: UnsavedGuardProps) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ next }) => dirty && !survives?.(next.pathname),
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  return (
    <AlertDialog open={status === "blocked"} onOpenChange={(open) => !open && reset?.()}>
      <AlertDialogContent
        title={t("unsaved.title")}
        description={t("unsaved.text")}
        footer={
          <>
            <AlertDialogCancel asChild>
              <Button>{t("unsaved.stay")}</Button>
            </AlertDialogCancel>
            <Button variant="danger" onClick={() => proceed?.()}>
              {t("unsaved.discard")}
            </Button>
          </>
        }
      />
    </AlertDialog>
  );
}
