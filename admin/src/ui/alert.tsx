import { cva, type VariantProps } from "class-variance-authority";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/ui/cn";

const alertVariants = cva("flex gap-3 rounded-lg border px-3.5 py-3 text-sm", {
  variants: {
    tone: {
      info: "border-accent/25 bg-accent-soft [&>svg]:text-accent",
      success: "border-success/25 bg-success-soft [&>svg]:text-success",
      warning: "border-warning/30 bg-warning-soft [&>svg]:text-warning",
      danger: "border-danger/30 bg-danger-soft [&>svg]:text-danger",
    },
  },
  defaultVariants: { tone: "info" },
});

const icons = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };

interface AlertProps extends Omit<ComponentProps<"div">, "title">, VariantProps<typeof alertVariants> {
  title: ReactNode;
  /** Buttons under the text. */
  actions?: ReactNode;
}

/** A message that belongs to this place. With `danger` it is announced as soon as it appears. */
export function Alert({ className, tone = "info", title, actions, children, ...props }: AlertProps) {
  const Icon = icons[tone ?? "info"];
  return (
    <div
      data-slot="alert"
      role={tone === "danger" ? "alert" : undefined}
      className={cn(alertVariants({ tone }), className)}
      {...props}
    >
      <Icon aria-hidden className="mt-[3px] size-4 shrink-0" />
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="font-medium text-ink">{title}</p>
        {children && <div className="grid gap-2 text-ink-soft">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </div>
  );
}
