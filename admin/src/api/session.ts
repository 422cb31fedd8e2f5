/** Signing in and out. The session itself is an httpOnly cookie; what is kept here is its CSRF token. */
import { api, setCsrfToken } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Session } from "@/api/types";

const path = "/api/admin/session";

/** The session of this browser, or `null` when there is none. */
export async function fetchSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    return keep(await api.get<Session>(path, { signal, needsSession: false }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return keep(null);
    throw error;
  }
}

export async function signIn(credentials: { email: string; password: string }): Promise<Session | null> {
  return keep(await api.post<Session>(path, { body: credentials, needsSession: false }));
}

export interface SetUp {
  token: string;
  email: string;
  password: string;
  passwordConfirm: string;
}

/** Creates the first superuser with the one-time token that the server printed, and signs in. */
export async function setUp(body: SetUp): Promise<Session | null> {
  return keep(await api.post<Session>("/api/admin/setup", { body, needsSession: false }));
}

export async function signOut(): Promise<void> {
  await api.delete(path, { needsSession: false });
  keep(null);
}

function keep(session: Session | null): Session | null {
  setCsrfToken(session?.csrf ?? null);
  return session;
}
