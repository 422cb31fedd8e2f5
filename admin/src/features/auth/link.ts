/**
 * Links in mails, and where providers of accounts send browsers back to. They have the form of PocketBase's,
 * `/_/#/auth/confirm-verification/TOKEN` and `/_/#/auth/oauth2-redirect-success`, so that templates can be taken along.
 * The token stays behind the `#`, where no server gets to see it.
 */
import type { MailAction } from "@/api/session";

const actions: readonly MailAction[] = ["verification", "password-reset", "email-change"];

export function isMailAction(text: string): text is MailAction {
  return (actions as readonly string[]).includes(text);
}

/** Leads from an address of that form to the page that it means. */
export function followLink(location: Pick<Location, "hash">, history: Pick<History, "replaceState">): void {
  const [, action = "", token = ""] = /^#\/auth\/confirm-([a-z-]+)\/(.+)$/.exec(location.hash) ?? [];
  if (isMailAction(action)) history.replaceState(null, "", `/_/confirm/${action}#${token}`);
  if (/^#\/auth\/oauth2-redirect-(success|failure)$/.test(location.hash)) {
    history.replaceState(null, "", `/_${location.hash.slice(1)}`);
  }
}

/** The collection that a token says it is of; the server looks whether that is true. */
export function collectionOf(token: string): string | null {
  const payload = token.split(".")[1] ?? "";
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof claims !== "object" || claims === null || !("collectionId" in claims)) return null;
    return typeof claims.collectionId === "string" ? claims.collectionId : null;
  } catch {
    return null;
  }
}
