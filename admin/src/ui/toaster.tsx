/** The toasts themselves, in a file of their own that is fetched once the page stands. `toast.tsx` raises them. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { Toaster as Primitive, toast as raise } from "sonner";

export { raise };

export interface ToasterProps {
  theme: "light" | "dark" | "system";
  /** The name of the region for screen readers. */
  label: string;
  closeLabel: string;
  /** At the top on phones, where the bottom belongs to thumbs: navigation and the buttons of dialogs. */
  atTop: boolean;
}

export function Toaster({ theme, label, closeLabel, atTop }: ToasterProps) {
  return (
    <Primitive
      theme={theme}
      containerAriaLabel={label}
      position={atTop ? "top-center" : "bottom-right"}
      offset="1.25rem"
      mobileOffset={{ top: "4rem", left: "0.75rem", right: "0.75rem" }}
      icons={{
        success: <CircleCheck aria-hidden className="size-4 text-success" />,
        error: <CircleAlert aria-hidden className="size-4 text-danger" />,
      }}
      toastOptions={{
        closeButtonAriaLabel: closeLabel,
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
