import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { LogIn } from "lucide-react";
import type { ReactElement } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { ApiError } from "@/api/errors";
import { signIn } from "@/api/session";
import { CommandLine } from "@/components/code";
import { FormAlert } from "@/components/form-alert";
import { PasswordInput } from "@/components/password-input";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { AuthLayout } from "./auth-layout";
import { SecondFactor } from "./second-factor";
import { useSessionStart } from "./use-session-start";

const schema = z.object({
  email: z.string().check(z.minLength(1, t("form.email.required"))),
  password: z.string().check(z.minLength(1, t("form.password.required"))),
});
type Credentials = z.infer<typeof schema>;

const route = getRouteApi("/login");

export function LoginPage(): ReactElement {
  const { redirect, expired } = route.useSearch();
  const startSession = useSessionStart(redirect ?? "/");
  const form = useForm<Credentials>({
    resolver: standardSchemaResolver(schema),
    defaultValues: { email: "", password: "" },
  });

  const login = useMutation({
    mutationFn: signIn,
    onSuccess: startSession,
    onError: (error) => isWrong(error) && form.setFocus("password", { shouldSelect: true }),
  });

  const { errors } = form.formState;
  const waiting = login.error instanceof ApiError ? login.error.mfaId : null;
  if (waiting) {
    return (
      <SecondFactor
        mfaId={waiting}
        email={form.getValues("email")}
        onSession={startSession}
        onRestart={login.reset}
      />
    );
  }
  return (
    <AuthLayout title={t("login.title")} text={t("login.text")} footer={<Forgotten />}>
      <form
        noValidate
        className="grid gap-5"
        onSubmit={form.handleSubmit((credentials) => login.mutate(credentials))}
      >
        {expired && !login.error && <Alert title={t("login.expired")} />}
        {isWrong(login.error) ? (
          <Alert tone="danger" title={t("login.wrong.title")}>
            {t("login.wrong.text")}
          </Alert>
        ) : (
          <FormAlert error={login.error} fields={[]} />
        )}
        <Field label={t("login.email")} error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              autoCapitalize="none"
              {...form.register("email", { setValueAs: (value: string) => value.trim() })}
            />
          )}
        </Field>
        <Field label={t("login.password")} error={errors.password?.message}>
          {(control) => (
            <PasswordInput {...control} autoComplete="current-password" {...form.register("password")} />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" pending={login.isPending}>
          {!login.isPending && <LogIn aria-hidden />}
          {login.isPending ? t("login.submitting") : t("login.submit")}
        </Button>
      </form>
    </AuthLayout>
  );
}

/** A refusal of what was typed, as opposed to a server that could not look at it. */
function isWrong(error: Error | null): boolean {
  return (
    error instanceof ApiError &&
    error.kind === "refused" &&
    !error.mfaId &&
    [400, 401, 403, 404].includes(error.status)
  );
}

function Forgotten() {
  return (
    <details className="group px-1 text-ink-soft text-sm">
      <summary className="mx-auto w-fit rounded px-1 py-0.5 marker:content-none hover:text-ink">
        {t("login.forgot")}
      </summary>
      <div className="mt-3 grid gap-2">
        <p>{t("login.forgotText")}</p>
        <CommandLine command={t("login.forgotCommand")} />
      </div>
    </details>
  );
}
