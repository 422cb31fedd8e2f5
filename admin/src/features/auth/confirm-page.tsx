/** Where links in mails lead: an address, a new password or another address is confirmed with the link's token. */
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { ApiError } from "@/api/errors";
import { confirmMail, type MailAction } from "@/api/session";
import { FormAlert, showFieldErrors } from "@/components/form-alert";
import { PasswordInput } from "@/components/password-input";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { AuthLayout } from "./auth-layout";
import { collectionOf, isMailAction } from "./link";

interface Words {
  title: PlainKey;
  text: PlainKey;
  submit: PlainKey;
  done: PlainKey;
}

const words: Record<MailAction, Words> = {
  verification: {
    title: "confirm.verification.title",
    text: "confirm.verification.text",
    submit: "confirm.verification.submit",
    done: "confirm.verification.done",
  },
  "password-reset": {
    title: "confirm.passwordReset.title",
    text: "confirm.passwordReset.text",
    submit: "confirm.passwordReset.submit",
    done: "confirm.passwordReset.done",
  },
  "email-change": {
    title: "confirm.emailChange.title",
    text: "confirm.emailChange.text",
    submit: "confirm.emailChange.submit",
    done: "confirm.emailChange.done",
  },
};

const route = getRouteApi("/confirm/$action");

export function ConfirmPage(): ReactElement {
  const { action } = route.useParams();
  const token = useLocation({ select: ({ hash }) => hash });
  const collection = collectionOf(token);
  if (!isMailAction(action) || !collection) {
    return (
      <AuthLayout title={t("confirm.incomplete.title")} text={t("confirm.incomplete.text")}>
        {null}
      </AuthLayout>
    );
  }
  const { title, text } = words[action];
  return (
    <AuthLayout title={t(title)} text={t(text)}>
      <ConfirmForm action={action} collection={collection} token={token} />
    </AuthLayout>
  );
}

interface ConfirmFormProps {
  action: MailAction;
  collection: string;
  token: string;
}

interface Passwords {
  password: string;
  passwordConfirm: string;
}

/** What has to be typed besides: nothing, a new password twice, or the password that there is. */
function schemaOf(action: MailAction) {
  const typed = z
    .string()
    .check(z.refine((text) => action === "verification" || text !== "", t("form.password.required")));
  return z.object({ password: typed, passwordConfirm: z.string() }).check(
    z.refine(({ password, passwordConfirm }) => action !== "password-reset" || password === passwordConfirm, {
      path: ["passwordConfirm"],
      error: t("form.passwordConfirm.different"),
    }),
  );
}

function ConfirmForm({ action, collection, token }: ConfirmFormProps) {
  const isReset = action === "password-reset";
  const form = useForm<Passwords>({
    resolver: standardSchemaResolver(schemaOf(action)),
    defaultValues: { password: "", passwordConfirm: "" },
  });
  const confirm = useMutation({
    mutationFn: ({ password, passwordConfirm }: Passwords) => {
      if (action === "verification") return confirmMail(action, collection, { token });
      return confirmMail(action, collection, { token, password, ...(isReset && { passwordConfirm }) });
    },
    onError: (error) => showFieldErrors(form, error),
  });
  if (confirm.isSuccess) {
    return (
      <Alert tone="success" title={t(words[action].done)}>
        {t("confirm.close")}
      </Alert>
    );
  }
  const { errors } = form.formState;
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((typed) => confirm.mutate(typed))}>
      {isTokenRefused(confirm.error) ? (
        <Alert tone="danger" title={t("confirm.refused.title")}>
          {t("confirm.refused.text")}
        </Alert>
      ) : (
        <FormAlert error={confirm.error} fields={["password", "passwordConfirm"]} />
      )}
      {action !== "verification" && (
        <Field label={t("confirm.password")} error={errors.password?.message}>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete={isReset ? "new-password" : "current-password"}
              {...form.register("password")}
            />
          )}
        </Field>
      )}
      {isReset && (
        <Field label={t("confirm.passwordConfirm")} error={errors.passwordConfirm?.message}>
          {(control) => (
            <PasswordInput {...control} autoComplete="new-password" {...form.register("passwordConfirm")} />
          )}
        </Field>
      )}
      <Button type="submit" variant="primary" size="lg" pending={confirm.isPending}>
        {confirm.isPending ? t("confirm.submitting") : t(words[action].submit)}
      </Button>
    </form>
  );
}

/** A refusal of the link itself: no retry of this form can succeed. */
function isTokenRefused(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 404 || "token" in error.fields);
}
