import { ChangedMeanwhile } from "@/api/definitions";
import { toApiError } from "@/api/errors";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";

/** All that the server says of a change, in the place where the hand is; the page behind marks the same where it belongs. */
export function Complaints({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  if (!error) return null;
  if (error instanceof ChangedMeanwhile) {
    return (
      <Alert tone="warning" title={t("review.meanwhile")}>
        {t("review.meanwhileText")}
      </Alert>
    );
  }
  const fields = Object.entries(toApiError(error).fields);
  return (
    <div className="grid gap-2">
      <FormAlert error={error} fields={[]} onRetry={onRetry} />
      {fields.length > 0 && (
        <ul className="grid gap-1 text-danger text-sm">
          {fields.map(([path, { message }]) => (
            <li key={path} className="[overflow-wrap:anywhere]">
              <code className="font-mono text-xs">{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
