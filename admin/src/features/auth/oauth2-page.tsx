/** What somebody reads who comes back from the provider of an account, if the app does not close the window first. */
import type { ReactElement } from "react";
import { t } from "@/i18n";
import { AuthLayout } from "./auth-layout";

export function OAuth2SuccessPage(): ReactElement {
  return (
    <AuthLayout title={t("oauth2.success.title")} text={t("oauth2.success.text")}>
      {null}
    </AuthLayout>
  );
}

export function OAuth2FailurePage(): ReactElement {
  return (
    <AuthLayout title={t("oauth2.failure.title")} text={t("oauth2.failure.text")}>
      {null}
    </AuthLayout>
  );
}
