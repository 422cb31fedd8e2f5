import { type ReactNode, useEffect, useState } from "react";
import { toApiError } from "@/api/errors";
import { describeError } from "@/components/describe-error";
import { RequestId } from "@/components/query-view";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { AlertDialog, AlertDialogCancel, AlertDialogContent } from "@/ui/alert-dialog";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";

interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description: ReactNode;
  /** The verb of what happens: `Remove`, never `OK`. */
  confirm: string;
  onConfirm: () => void;
  /** Left out where the answer is taken at once. */
  pending?: boolean;
  /** A name that has to be typed first, for what takes much with it. */
  typed?: string;
  /** Of the last try. It is shown here, where the hand still is. */
  error?: Error | null;
}

/** Asks before what cannot be taken back. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  description,
  confirm,
  onConfirm,
  pending = false,
  typed,
  error = null,
}: ConfirmDialogProps) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (!open) setText("");
  }, [open]);
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
            <Button
              variant="danger"
              pending={pending}
              disabled={typed !== undefined && text !== typed}
              onClick={onConfirm}
            >
              {confirm}
            </Button>
          </>
        }
      >
        {typed !== undefined && (
          <Field label={t("confirm.type", { name: typed })} className="mt-2">
            {(control) => (
              <Input
                {...control}
                {...verbatim}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
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
