import { type ApiError, toApiError } from "@/api/errors";
import { t } from "@/i18n";

interface Description {
  title: string;
  text: string;
}

/** An error in words: what happened, and what can be done. The server's own message wins where it has one. */
export function describeError(thrown: unknown): Description {
  const error = toApiError(thrown);
  if (error.kind === "network") return { title: t("error.network.title"), text: t("error.network.text") };
  if (error.kind === "unreadable" && error.status < 500) {
    return { title: t("error.unreadable.title"), text: error.message || t("error.unreadable.text") };
  }
  return describeStatus(error);
}

function describeStatus(error: ApiError): Description {
  // Which plugin it was is told to the log alone.
  if (error.fields.plugin?.code === "plugin_failed")
    return { title: t("error.plugin.title"), text: t("error.plugin.text") };
  if (error.fields.plugin?.code === "plugin_unavailable")
    return { title: t("error.pluginOff.title"), text: t("error.pluginOff.text") };
  switch (error.status) {
    case 401:
      return { title: t("error.session.title"), text: t("error.session.text") };
    case 403:
      return { title: t("error.forbidden.title"), text: error.message };
    case 404:
      return { title: t("error.missing.title"), text: error.message };
    case 429:
      return { title: t("error.limited.title"), text: waitText(error) ?? t("error.limited.text") };
    case 503:
      return { title: t("error.busy.title"), text: waitText(error) ?? t("error.busy.text") };
    default:
      return error.status >= 500
        ? { title: t("error.server.title"), text: t("error.server.text") }
        : { title: t("error.refused.title"), text: error.message };
  }
}

function waitText({ retryAfterSeconds }: ApiError): string | null {
  return retryAfterSeconds ? t("error.limited.wait", { count: Math.ceil(retryAfterSeconds) }) : null;
}
