import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { ApiError } from "@/api/errors";
import { sendCode, signInWithCode } from "@/api/session";
import type { Session } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { AuthLayout } from "./auth-layout";

const schema = z.object({ code: z.string().check(z.minLength(1, t("login.second.required"))) });

interface SecondFactorProps {
  mfaId: string;
  email: string;
  onSession: (session: Session | null) => Promise<void>;
  onRestart: () => void;
}

/** The code from a mail, where the password alone is not enough. The mail is asked for when this is shown. */
export function SecondFactor({ mfaId, email, onSession, onRestart }: SecondFactorProps): ReactElement {
  const sent = useQuery({
    queryKey: ["second-factor", mfaId],
    queryFn: () => sendCode(email),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const form = useForm<{ code: string }>({
    resolver: standardSchemaResolver(schema),
    defaultValues: { code: "" },
  });
  const login = useMutation({
    mutationFn: ({ code }: { code: string }) =>
      signInWithCode({ mfaId, otpId: sent.data ?? "", password: code.trim() }),
    onSuccess: onSession,
    onError: () => form.setFocus("code", { shouldSelect: true }),
  });
  const isWrong = login.error instanceof ApiError && login.error.status === 400;
  return (
    <AuthLayout title={t("login.second.title")} text={t("login.second.text", { email })}>
      <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((typed) => login.mutate(typed))}>
        {isWrong ? (
          <Alert tone="danger" title={t("login.second.wrong")} />
        ) : (
          <FormAlert error={login.error ?? sent.error} fields={[]} />
        )}
        <Field label={t("login.second.code")} error={form.formState.errors.code?.message}>
          {(control) => (
            <Input {...control} inputMode="numeric" autoComplete="one-time-code" {...form.register("code")} />
          )}
        </Field>
        <Button
          type="submit"
          variant="primary"
          size="lg"
          disabled={!sent.data}
          pending={login.isPending || sent.isPending}
        >
          {login.isPending ? t("login.submitting") : t("login.submit")}
        </Button>
        <Button type="button" onClick={onRestart}>
          {t("login.second.again")}
        </Button>
      </form>
    </AuthLayout>
  );
}
