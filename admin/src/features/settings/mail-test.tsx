import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, Send } from "lucide-react";
import { useId, useState } from "react";
import { toApiError } from "@/api/errors";
import { sessionQuery } from "@/api/queries";
import { type MailTemplate, mailTemplates, testMail } from "@/api/settings";
import { describeError } from "@/components/describe-error";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

const templateLabels: Record<MailTemplate, PlainKey> = {
  verification: "mailTest.verification",
  "password-reset": "mailTest.reset",
  "email-change": "mailTest.change",
  otp: "mailTest.otp",
  "login-alert": "mailTest.alert",
};

/** Sends a mail by the server that is saved, and shows what was said when that fails. */
export function MailTest({ ready }: { ready: boolean }) {
  const id = useId();
  const { data: session } = useQuery(sessionQuery());
  const [email, setEmail] = useState<string>();
  const [template, setTemplate] = useState<MailTemplate>("verification");
  const to = email ?? session?.record.email ?? "";
  const attempt = useMutation({ mutationFn: () => testMail(to.trim(), template) });
  const found = attempt.error ? toApiError(attempt.error) : null;
  const fault = found && Object.values(found.fields)[0];
  const dialogue = fault?.params?.dialogue;

  return (
    <div className="grid gap-2 border-line border-t pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <label htmlFor={id} className="sr-only">
          {t("mailTest.to")}
        </label>
        <Input
          id={id}
          type="email"
          autoComplete="off"
          autoCapitalize="none"
          className="min-w-48 max-w-60 flex-1"
          value={to}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Select
          aria-label={t("mailTest.template")}
          className="w-auto"
          value={template}
          onChange={(event) => setTemplate(event.target.value as MailTemplate)}
        >
          {mailTemplates.map((each) => (
            <option key={each} value={each}>
              {t(templateLabels[each])}
            </option>
          ))}
        </Select>
        <Button
          disabled={!ready || to.trim() === ""}
          pending={attempt.isPending}
          onClick={() => attempt.mutate()}
        >
          <Send aria-hidden />
          {t("mailTest.send")}
        </Button>
      </div>
      <p role="status" className="text-ink-soft text-sm empty:hidden">
        {attempt.isSuccess && (
          <span className="inline-flex items-center gap-1.5 text-success">
            <CircleCheck aria-hidden className="size-4" />
            {t("mailTest.done")}
          </span>
        )}
        {!ready && t("mailTest.first")}
      </p>
      {attempt.error && (
        <Alert tone="danger" title={describeError(attempt.error).title}>
          <p className="[overflow-wrap:anywhere]">{fault?.message ?? describeError(attempt.error).text}</p>
          {Array.isArray(dialogue) && (
            <section
              aria-label={t("mailTest.dialogue")}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
              tabIndex={0}
              className="max-h-48 overflow-auto whitespace-pre rounded-md bg-surface p-2.5 font-mono text-xs leading-5"
            >
              {dialogue.join("\n")}
            </section>
          )}
        </Alert>
      )}
    </div>
  );
}
