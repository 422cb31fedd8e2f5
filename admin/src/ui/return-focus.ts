import { useRef } from "react";

/**
 * Gives the focus back to where it was when a window opened. The primitive knows only a trigger of its own, and most windows here are
 * opened by what a page knows. What a menu has opened goes back to the button of the menu.
 */
export function useReturnFocus() {
  const opener = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: () => {
      const focused = document.activeElement;
      const menu = focused?.closest("[role=menu]")?.getAttribute("aria-labelledby");
      const found = menu ? document.getElementById(menu) : focused;
      opener.current = found instanceof HTMLElement ? found : null;
    },
    onCloseAutoFocus: (event: Event) => {
      if (event.defaultPrevented || !opener.current?.isConnected) return;
      event.preventDefault();
      openTab(opener.current).focus({ preventScroll: true });
    },
  };
}

/** A tab opens when it gets the focus: one that a question has kept closed would ask it again, so its open neighbour stands in. */
function openTab(element: HTMLElement): HTMLElement {
  const open = element.closest("[role=tablist]")?.querySelector("[role=tab][aria-selected=true]");
  return open instanceof HTMLElement ? open : element;
}
