import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { useReturnFocus } from "@/ui/return-focus";

export const Dialog = Primitive.Root;

export const overlayClasses = "fixed inset-0 z-50 animate-fade bg-overlay backdrop-blur-[1px]";

/** A sheet from below on phones, a centred window elsewhere. Only its body scrolls. */
export const windowClasses =
  "fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] animate-arrive flex-col rounded-t-2xl border border-line bg-surface shadow-float focus-visible:outline-none sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:max-h-[min(46rem,90dvh)] sm:w-full sm:max-w-lg sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl";

interface DialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  description?: ReactNode;
  closeLabel: string;
}

export function DialogContent({
  className,
  title,
  description,
  closeLabel,
  children,
  ...props
}: DialogContentProps) {
  const focus = useReturnFocus();
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        data-slot="dialog"
        className={cn(windowClasses, className)}
        {...focus}
        {...(description ? {} : { "aria-describedby": undefined })}
        {...props}
      >
        <header className="grid gap-1 px-5 pt-5 pr-14 sm:px-6 sm:pr-14">
          <Primitive.Title className="font-semibold text-base tracking-tight">{title}</Primitive.Title>
          {description && (
            <Primitive.Description className="text-ink-soft text-sm">{description}</Primitive.Description>
          )}
        </header>
        {children}
        <Primitive.Close asChild>
          <Button variant="ghost" size="icon-sm" aria-label={closeLabel} className="absolute top-4 right-4">
            <X aria-hidden />
          </Button>
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  );
}

export function DialogBody({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      data-slot="dialog-body"
      className={cn("min-h-0 flex-1 overflow-y-auto px-5 py-5 sm:px-6", className)}
      {...props}
    />
  );
}

export function DialogFooter({ className, ...props }: ComponentProps<"footer">) {
  return (
    <footer
      data-slot="dialog-footer"
      className={cn(
        "flex flex-col-reverse gap-2 border-line border-t px-5 py-3.5 pb-[max(0.875rem,env(safe-area-inset-bottom))] sm:flex-row sm:justify-end sm:px-6",
        className,
      )}
      {...props}
    />
  );
}
