/** The toasts themselves, in a file of their own that is fetched once the page stands. `toast.tsx` raises them. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { Toaster as Primitive, toast as raise } from "sonner";

export { raise };

export interface ToasterProps {
  theme: "light" | "dark" | "system";
  /** The name of the region for screen readers. */
  label: string;
  closeLabel: string;
  /**
   * Below, at the left of the page's content and so clear of the buttons of dialogs, sheets and bars, which are at the right. Else
   * above: on phones the bottom belongs to thumbs.
   */
  besideNavigation: boolean;
}

export function Toaster({ theme, label, closeLabel, besideNavigation }: ToasterProps) {
  return (
    <Primitive
      theme={theme}
      containerAriaLabel={label}
      position={besideNavigation ? "bottom-left" : "top-center"}
      offset={besideNavigation ? { bottom: "1.25rem", left: "16.5rem" } : "1rem"}
      mobileOffset={{ top: "4rem", left: "0.75rem", right: "0.75rem" }}
      icons={{
        success: <CircleCheck aria-hidden className="size-4 text-success" />,
        error: <CircleAlert aria-hidden className="size-4 text-danger" />,
      }}
      toastOptions={{
        closeButtonAriaLabel: closeLabel,
        classNames: { actionButton: "toast-button", closeButton: "toast-close" },
        style: {
          background: "var(--color-surface)",
          border: "1px solid var(--color-line)",
          color: "var(--color-ink)",
          boxShadow: "var(--shadow-float)",
          borderRadius: "0.75rem",
          fontFamily: "var(--font-sans)",
        },
      }}
    />
  );
}
