import { AlertDialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/ui/cn";
import { DialogFooter, overlayClasses, windowClasses } from "@/ui/dialog";
import { useReturnFocus } from "@/ui/return-focus";

export const AlertDialog = Primitive.Root;
export const AlertDialogCancel = Primitive.Cancel;

interface AlertDialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  description: ReactNode;
  footer: ReactNode;
}

/** A question that must be answered: a press outside does not close it, and it opens with the focus on Cancel. */
export function AlertDialogContent({
  className,
  title,
  description,
  footer,
  children,
  ...props
}: AlertDialogContentProps) {
  const focus = useReturnFocus();
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        data-slot="alert-dialog"
        className={cn(windowClasses, "sm:max-w-md", className)}
        {...focus}
        {...props}
      >
        <div className="grid gap-2 px-5 py-5 sm:px-6">
          <Primitive.Title className="font-semibold text-base tracking-tight">{title}</Primitive.Title>
          <Primitive.Description className="text-ink-soft text-sm">{description}</Primitive.Description>
          {children}
        </div>
        <DialogFooter>{footer}</DialogFooter>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
