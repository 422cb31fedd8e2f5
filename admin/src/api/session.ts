/** Signing in and out. The session itself is an httpOnly cookie; what is kept here is its CSRF token. */
import { api, setCsrfToken } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { ApiError } from "@/api/errors";
import type { Session } from "@/api/types";

const path = "/api/admin/session";

/** The session of this browser, or `null` when there is none. */
export async function fetchSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    return keep(await api.get(path, { signal, needsSession: false }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return keep(null);
    throw error;
  }
}

export async function signIn(credentials: { email: string; password: string }): Promise<Session | null> {
  return keep(await api.post(path, { body: credentials, needsSession: false }));
}

/** Sends a code to a superuser; answers with its id. */
export async function sendCode(email: string): Promise<string> {
  const options = { path: { collection: "_superusers" }, body: { email }, needsSession: false };
  return (await api.post("/api/collections/{collection}/request-otp", options)).otpId;
}

/** The second factor: the code from the mail, for the sign-in that waits for it. */
export async function signInWithCode(body: {
  otpId: string;
  password: string;
  mfaId: string;
}): Promise<Session | null> {
  return keep(await api.post(path, { body, needsSession: false }));
}

/** What a link from a mail asks for. */
export type MailAction = "verification" | "password-reset" | "email-change";

/** Brings back the token of a link from a mail, to the collection that it says it is of. */
export async function confirmMail(
  action: MailAction,
  collection: string,
  body: { token: string; password?: string; passwordConfirm?: string },
): Promise<void> {
  const options = { path: { collection }, body, needsSession: false };
  await api.post(`/api/collections/{collection}/confirm-${action}`, options);
}

export type SetUp = Schemas["SetUp"];

/** Creates the first superuser with the one-time token that the server printed, and signs in. */
export async function setUp(body: SetUp): Promise<Session | null> {
  return keep(await api.post("/api/admin/setup", { body, needsSession: false }));
}

export async function signOut(): Promise<void> {
  await api.delete(path, { needsSession: false });
  keep(null);
}

function keep(session: Session | null): Session | null {
  setCsrfToken(session?.csrf ?? null);
  return session;
}
