import { useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { Dialog, DialogBody, DialogContent } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { places } from "./places";

const Palette = lazy(async () => ({ default: (await import("./palette")).Palette }));

/** A second key must follow the first within this time. */
const chordMs = 1200;

/** Opens the palette from elsewhere: a button dispatches this event on the window. */
export const paletteEvent = "tinybase:palette";

/** The keys that work on every page, with the palette and the list of keys that they open. */
export function Shortcuts() {
  const [open, setOpen] = useState<"palette" | "list" | null>(null);
  useGlobalKeys(setOpen);
  return (
    <>
      {open === "palette" && (
        <Suspense>
          <Palette onClose={() => setOpen(null)} onShortcuts={() => setOpen("list")} />
        </Suspense>
      )}
      <ShortcutList open={open === "list"} onClose={() => setOpen(null)} />
    </>
  );
}

function useGlobalKeys(setOpen: (what: "palette" | "list") => void): void {
  const router = useRouter();
  const chordUntil = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen("palette");
        return;
      }
      if (ctrlKey || metaKey || altKey || isTyping(event.target)) return;
      if (key === "?") {
        setOpen("list");
        return;
      }
      if (event.timeStamp < chordUntil.current) {
        chordUntil.current = 0;
        const place = places.find((each) => each.key === key);
        if (place) void router.navigate(place.to);
        return;
      }
      if (key === "g") chordUntil.current = event.timeStamp + chordMs;
    };
    const onPalette = () => setOpen("palette");
    window.addEventListener("keydown", onKey);
    window.addEventListener(paletteEvent, onPalette);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener(paletteEvent, onPalette);
    };
  }, [router, setOpen]);
}

/** In a field, an editor or a dialog every key is text, or belongs to what is open. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      "input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]",
    ) !== null
  );
}

const rows = [
  { keys: ["Ctrl", "K"], label: "keys.palette" },
  { keys: ["?"], label: "keys.help" },
  { keys: ["/"], label: "keys.search" },
  { keys: ["N"], label: "keys.new" },
  { keys: ["Ctrl", "S"], label: "keys.save" },
  { keys: ["Ctrl", "Enter"], label: "keys.saveClose" },
  { keys: ["Esc"], label: "keys.close" },
] as const;

function ShortcutList({ open, onClose }: { open: boolean; onClose: () => void }) {
  const all = [
    ...rows.map(({ keys, label }) => ({ keys: [...keys] as string[], text: t(label) })),
    ...places.map(({ key, label }) => ({
      keys: ["G", key.toUpperCase()],
      text: t("keys.goto", { place: t(label) }),
    })),
  ];
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
      <DialogContent title={t("keys.title")} closeLabel={t("action.close")}>
        <DialogBody>
          <dl className="grid gap-2.5 text-sm">
            {all.map(({ keys, text }) => (
              <div key={text} className="flex items-center justify-between gap-4">
                <dt>{text}</dt>
                <dd className="flex gap-1">
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </DialogBody>
      </DialogContent>
    </Dialog>
  );
}
