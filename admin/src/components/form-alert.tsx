import { type RefObject, useEffect, useRef } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { toApiError } from "@/api/errors";
import { describeError } from "@/components/describe-error";
import { RequestId } from "@/components/query-view";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";

/** Puts what the server said about single fields beside their inputs; `FormAlert` brings the first of them into view. */
export function showFieldErrors<T extends FieldValues>(form: UseFormReturn<T>, thrown: unknown): void {
  const { fields } = toApiError(thrown);
  for (const name of Object.keys(form.getValues())) {
    const problem = fields[name];
    if (problem) form.setError(name as FieldPath<T>, { type: "server", message: problem.message });
  }
}

interface FormAlertProps {
  error: Error | null;
  /** The names of the inputs, which say themselves what is wrong with them. */
  fields: readonly string[];
  /** What the form itself refused to send, which stands beside the inputs: another object each time that it did. */
  refused?: object | null;
  /** What trying again is, where no form is around this that could be sent again. */
  onRetry?: () => void;
}

/** What the server said that belongs to no input of the form; nothing when every complaint found its input. */
export function FormAlert({ error: thrown, fields, refused = null, onRetry }: FormAlertProps) {
  const place = useRef<HTMLDivElement>(null);
  useShown(place, thrown ?? refused);
  if (!thrown) return refused && <div ref={place} hidden />;
  const error = toApiError(thrown);
  const named = Object.keys(error.fields);
  if (named.length > 0 && named.every((name) => fields.includes(name))) return <div ref={place} hidden />;
  const { title, text } = describeError(error);
  // Of what a form has no input for, such as a plugin's complaint about a field that the collection lacks. One that names no
  // inputs shows the complaints itself.
  const unplaced =
    fields.length > 0 ? Object.entries(error.fields).filter(([name]) => !fields.includes(name)) : [];
  return (
    <Alert
      ref={place}
      tone="danger"
      title={title}
      actions={
        error.isTemporary && (
          <Button size="sm" type={onRetry ? "button" : "submit"} onClick={onRetry}>
            {t("action.retry")}
          </Button>
        )
      }
    >
      <p>{text}</p>
      {unplaced.length > 0 && (
        <ul className="grid gap-0.5">
          {unplaced.map(([name, { message }]) => (
            <li key={name} className="[overflow-wrap:anywhere]">
              <code className="font-mono text-xs">{name}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {error.requestId && <RequestId id={error.requestId} />}
    </Alert>
  );
}

/**
 * Of a form that is longer than the window, what was refused may be out of sight: it is brought into view, and an input gets the
 * focus. Whoever has gone on to type somewhere else is left there.
 */
function useShown(place: RefObject<HTMLElement | null>, refusal: object | null): void {
  const sender = useSender();
  useEffect(() => {
    const alert = place.current;
    if (!refusal || !alert || isTypedElsewhere(sender.current)) return;
    if (!alert.hidden) {
      alert.scrollIntoView({ block: "nearest" });
      return;
    }
    const wrong = alert
      .closest("form")
      ?.querySelector<HTMLElement>('[aria-invalid="true"], [data-slot="field-error"]');
    if (wrong?.hasAttribute("aria-invalid")) wrong.focus({ preventScroll: true });
    // Not at an edge, where the bar with the buttons stands.
    wrong?.scrollIntoView({ block: "center" });
  }, [refusal, place, sender]);
}

/** What had the focus when something was last sent, by a form or by the keys that stand for its button. */
function useSender(): RefObject<Element | null> {
  const sender = useRef<Element>(null);
  useEffect(() => {
    const note = () => {
      sender.current = document.activeElement;
    };
    const noteKeys = ({ ctrlKey, metaKey, key }: KeyboardEvent) => {
      if ((ctrlKey || metaKey) && (key === "s" || key === "Enter")) note();
    };
    document.addEventListener("submit", note, true);
    document.addEventListener("keydown", noteKeys, true);
    return () => {
      document.removeEventListener("submit", note, true);
      document.removeEventListener("keydown", noteKeys, true);
    };
  }, []);
  return sender;
}

function isTypedElsewhere(sender: Element | null): boolean {
  const now = document.activeElement;
  return (
    sender !== null &&
    now !== sender &&
    now?.matches('input, textarea, select, [contenteditable="true"]') === true
  );
}
