import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { type ComponentProps, type ReactNode, useRef } from "react";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { overlayClasses } from "@/ui/dialog";
import { useReturnFocus } from "@/ui/return-focus";

export const Sheet = Primitive.Root;

interface SheetContentProps extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  description?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  closeLabel: string;
  /** Finds what has the focus when it opens; without it that is the first button. */
  initialFocus?: string;
}

/** A panel from the side; on phones it is the whole screen. Only its body scrolls. */
export function SheetContent({
  className,
  title,
  description,
  actions,
  closeLabel,
  initialFocus,
  children,
  ...props
}: SheetContentProps) {
  const content = useRef<HTMLDivElement>(null);
  const { onOpenAutoFocus, onCloseAutoFocus } = useReturnFocus();
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        ref={content}
        data-slot="sheet"
        className={cn(
          "fixed inset-y-0 right-0 z-50 flex w-full animate-slide flex-col border-line bg-surface shadow-float focus-visible:outline-none sm:max-w-2xl sm:border-l",
          className,
        )}
        onOpenAutoFocus={(event) => {
          onOpenAutoFocus();
          const first = initialFocus && content.current?.querySelector<HTMLElement>(initialFocus);
          if (!first) return;
          first.focus();
          // Else the focus would stay behind the panel.
          if (document.activeElement === first) event.preventDefault();
        }}
        onCloseAutoFocus={onCloseAutoFocus}
        {...(description ? {} : { "aria-describedby": undefined })}
        {...props}
      >
        <header className="flex items-start gap-3 border-line border-b px-4 py-3.5 sm:px-6">
          <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-0.5">
            <Primitive.Title className="font-semibold text-base tracking-tight [overflow-wrap:anywhere]">
              {title}
            </Primitive.Title>
            {description && (
              <Primitive.Description asChild>
                <div className="text-ink-soft text-sm">{description}</div>
              </Primitive.Description>
            )}
          </div>
          <div className="flex items-center gap-1">
            {actions}
            <Primitive.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label={closeLabel}>
                <X aria-hidden />
              </Button>
            </Primitive.Close>
          </div>
        </header>
        {children}
      </Primitive.Content>
    </Primitive.Portal>
  );
}
