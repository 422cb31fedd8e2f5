import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { ApiError } from "@/api/errors";
import { setUp } from "@/api/session";
import { CommandLine } from "@/components/code";
import { FormAlert, showFieldErrors } from "@/components/form-alert";
import { PasswordInput } from "@/components/password-input";
import { RequestId } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";
import { AuthLayout } from "./auth-layout";
import { useSessionStart } from "./use-session-start";

const passwordMin = 8;

const schema = z
  .object({
    email: z.string().check(
      z.minLength(1, t("form.email.required")),
      z.refine((text) => text === "" || z.email().safeParse(text).success, t("form.email.invalid")),
    ),
    password: z.string().check(z.minLength(passwordMin, t("form.password.short", { count: passwordMin }))),
    passwordConfirm: z.string(),
  })
  .check(
    z.refine(({ password, passwordConfirm }) => password === passwordConfirm, {
      path: ["passwordConfirm"],
      error: t("form.passwordConfirm.different"),
    }),
  );
type Account = z.infer<typeof schema>;

const fieldNames = ["email", "password", "passwordConfirm"] as const;
const route = getRouteApi("/setup");

export function SetupPage(): ReactElement {
  const { token } = route.useSearch();
  return (
    <AuthLayout title={t("setup.title")} text={t("setup.text")}>
      {token ? <SetupForm token={token} /> : <IncompleteLink />}
    </AuthLayout>
  );
}

function SetupForm({ token }: { token: string }) {
  const startSession = useSessionStart("/");
  const form = useForm<Account>({
    resolver: standardSchemaResolver(schema),
    defaultValues: { email: "", password: "", passwordConfirm: "" },
  });

  const create = useMutation({
    mutationFn: (account: Account) => setUp({ token, ...account }),
    onSuccess: async (session) => {
      await startSession(session);
      toast.success(t("setup.done"));
    },
    onError: (error) => showFieldErrors(form, error),
  });

  const { errors } = form.formState;
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((account) => create.mutate(account))}>
      {isLinkRefused(create.error) ? (
        <RefusedLink error={create.error} />
      ) : (
        <FormAlert error={create.error} fields={fieldNames} />
      )}
      <Field label={t("setup.email")} error={errors.email?.message}>
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
      <Field
        label={t("setup.password")}
        help={t("setup.passwordHelp", { count: passwordMin })}
        error={errors.password?.message}
      >
        {(control) => (
          <PasswordInput {...control} autoComplete="new-password" {...form.register("password")} />
        )}
      </Field>
      <Field label={t("setup.passwordConfirm")} error={errors.passwordConfirm?.message}>
        {(control) => (
          <PasswordInput {...control} autoComplete="new-password" {...form.register("passwordConfirm")} />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={create.isPending}>
        {create.isPending ? t("setup.submitting") : t("setup.submit")}
      </Button>
    </form>
  );
}

/** A refusal of the token itself: the account may be fine, but no retry of this form can succeed. */
function isLinkRefused(error: Error | null): error is ApiError {
  if (!(error instanceof ApiError) || error.kind !== "refused") return false;
  if ([401, 403, 404, 410].includes(error.status)) return true;
  return error.status === 400 && !fieldNames.some((name) => name in error.fields);
}

function RefusedLink({ error }: { error: ApiError }) {
  return (
    <Alert
      tone="danger"
      title={t("setup.refused.title")}
      actions={
        <Button asChild size="sm">
          <Link {...paths.login()}>{t("setup.toLogin")}</Link>
        </Button>
      }
    >
      <p>{t("setup.refused.text")}</p>
      <p className="text-ink text-xs">{error.message}</p>
      {error.requestId && <RequestId id={error.requestId} />}
    </Alert>
  );
}

function IncompleteLink() {
  return (
    <Alert
      tone="warning"
      title={t("setup.noToken.title")}
      actions={
        <Button asChild size="sm">
          <Link {...paths.login()}>{t("setup.toLogin")}</Link>
        </Button>
      }
    >
      <p>{t("setup.noToken.text")}</p>
      <CommandLine command={t("setup.command")} />
    </Alert>
  );
}
