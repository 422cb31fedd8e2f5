/** What the keys of an open cell mean: which of them end it, and where to. */

const stops =
  'input:not([type="file"]), textarea, select, button, a[href], [contenteditable="true"], [tabindex="0"]';

/** Whether to save, and where to go then; nothing for keys that belong to the editor itself. */
export function cellKeyAction(
  event: globalThis.KeyboardEvent,
  content: HTMLElement,
  kind: string,
): "stay" | "next" | "previous" | null {
  const { target, key } = event;
  if (event.defaultPrevented || !(target instanceof HTMLElement)) return null;
  if (key === "Enter") return endsWithEnter(event, target, kind) ? "stay" : null;
  if (key !== "Tab" || event.ctrlKey || event.metaKey || event.altKey) return null;
  // Controls of the editor come first; its own buttons to save and cancel are for pointers.
  const all = [...content.querySelectorAll<HTMLElement>(stops)].filter(
    (stop) => !stop.closest("footer") && !stop.hasAttribute("disabled"),
  );
  if (target.closest("footer")) return null;
  const edge = event.shiftKey ? all[0] : all.at(-1);
  return target === edge || all.length === 0 ? (event.shiftKey ? "previous" : "next") : null;
}

function endsWithEnter(event: globalThis.KeyboardEvent, target: HTMLElement, kind: string): boolean {
  if (event.ctrlKey || event.metaKey) return true;
  if (event.shiftKey || event.altKey || event.isComposing) return false;
  // A list of offers takes Enter as a choice.
  if (target.closest('[cmdk-root], [contenteditable="true"]')) return false;
  if (target.matches('[role="switch"], [role="checkbox"]')) return true;
  if (target instanceof HTMLTextAreaElement) return kind !== "json";
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
