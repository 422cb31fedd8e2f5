/** Words about what has just been done. The page does not wait for the code that shows them. */
import { type ComponentType, lazy, Suspense } from "react";
import type { ToasterProps } from "./toaster";

interface ToastOptions {
  description?: string;
  action?: { label: string; onClick: () => void };
  /** How long it stays; a few seconds unless said otherwise. */
  durationMs?: number;
  /** Told when it is gone without its action: by time, by hand, or because it could not be shown. */
  onEnd?: () => void;
  /** Takes the place of the toast before it that was called the same. */
  id?: string;
}

const load = () => import("./toaster");

/** Without its code a toast cannot be shown, and nobody would want the page to end for it. */
const Region = lazy(async (): Promise<{ default: ComponentType<ToasterProps> }> => {
  try {
    return { default: (await load()).Toaster };
  } catch {
    return { default: () => null };
  }
});

async function raise(tone: "success" | "error", title: string, options: ToastOptions = {}): Promise<void> {
  const { durationMs, onEnd, ...rest } = options;
  // Errors stay until they are dismissed: what they say may have to be passed on.
  const stays = tone === "error" && { duration: Number.POSITIVE_INFINITY, closeButton: true };
  const ends = onEnd && { onAutoClose: onEnd, onDismiss: onEnd };
  try {
    const { raise: show } = await load();
    show[tone](title, { ...stays, ...(durationMs && { duration: durationMs }), ...ends, ...rest });
  } catch {
    onEnd?.();
  }
}

export const toast = {
  success: (title: string, options?: ToastOptions) => void raise("success", title, options),
  error: (title: string, options?: ToastOptions) => void raise("error", title, options),
  /** Takes one away that is called so. */
  dismiss: (id: string) =>
    void load().then(
      ({ raise: shown }) => shown.dismiss(id),
      () => {},
    ),
};

export function Toaster(props: ToasterProps) {
  return (
    <Suspense>
      <Region {...props} />
    </Suspense>
  );
}
