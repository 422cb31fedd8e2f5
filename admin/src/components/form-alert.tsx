import { type RefObject, useEffect, useRef } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { toApiError } from "@/api/errors";
import { describeError } from "@/components/describe-error";
import { RequestId } from "@/components/query-view";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";

/** Puts what the server said about single fields beside their inputs, and the focus on the first of them. */
export function showFieldErrors<T extends FieldValues>(form: UseFormReturn<T>, thrown: unknown): void {
  const { fields } = toApiError(thrown);
  let first = true;
  for (const name of Object.keys(form.getValues())) {
    const problem = fields[name];
    if (!problem) continue;
    form.setError(name as FieldPath<T>, { type: "server", message: problem.message }, { shouldFocus: first });
    first = false;
  }
}

interface FormAlertProps {
  error: Error | null;
  /** The names of the inputs, which say themselves what is wrong with them. */
  fields: readonly string[];
  /** What trying again is, where no form is around this that could be sent again. */
  onRetry?: () => void;
}

/** What the server said that belongs to no input of the form; nothing when every complaint found its input. */
export function FormAlert({ error: thrown, fields, onRetry }: FormAlertProps) {
  const place = useRef<HTMLDivElement>(null);
  useShown(place, thrown);
  if (!thrown) return null;
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

/** Of a form that is longer than the window, what was refused may be out of sight: it is brought into view, and an input gets the focus. */
function useShown(place: RefObject<HTMLElement | null>, thrown: Error | null): void {
  useEffect(() => {
    const alert = place.current;
    if (!thrown || !alert) return;
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
  }, [thrown, place]);
}
