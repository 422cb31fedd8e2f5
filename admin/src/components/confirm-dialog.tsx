import type { ReactNode } from "react";
import { toApiError } from "@/api/errors";
import { describeError } from "@/components/describe-error";
import { RequestId } from "@/components/query-view";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { AlertDialog, AlertDialogCancel, AlertDialogContent } from "@/ui/alert-dialog";
import { Button } from "@/ui/button";

interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description: ReactNode;
  /** The verb of what happens: `Remove`, never `OK`. */
  confirm: string;
  onConfirm: () => void;
  pending: boolean;
  /** Of the last try. It is shown here, where the hand still is. */
  error: Error | null;
}

/** Asks before what cannot be taken back. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  description,
  confirm,
  onConfirm,
  pending,
  error,
}: ConfirmDialogProps) {
  const requestId = error && toApiError(error).requestId;
  return (
    <AlertDialog open={open} onOpenChange={(next) => !next && !pending && onClose()}>
      <AlertDialogContent
        title={title}
        description={description}
        footer={
          <>
            <AlertDialogCancel asChild>
              <Button>{t("action.cancel")}</Button>
            </AlertDialogCancel>
            <Button variant="danger" pending={pending} onClick={onConfirm}>
              {confirm}
            </Button>
          </>
        }
      >
        {error && (
          <Alert tone="danger" title={describeError(error).title} className="mt-2">
            <p>{describeError(error).text}</p>
            {requestId && <RequestId id={requestId} />}
          </Alert>
        )}
      </AlertDialogContent>
    </AlertDialog>
  );
}
