/**
 * What can go wrong with a request, as one class. Where an error is shown depends on who asked:
 * a form shows `fields` beside its inputs and the rest above them, a data view fills its own area, and a
 * button that has no area of its own raises a toast.
 */

import type { RecordData, Settings } from "@/api/types";

export interface FieldError {
  code: string;
  message: string;
  /** What the message is made of, and more. */
  params?: Record<string, unknown>;
}

export type ApiErrorKind =
  /** No answer: the server is down, or the connection is. */
  | "network"
  /** An answer in the API's envelope. */
  | "refused"
  /** An answer that is not the API's: a proxy's page, a cut-off body. */
  | "unreadable";

interface ApiErrorParts {
  kind: ApiErrorKind;
  status: number;
  message: string;
  fields?: Record<string, FieldError>;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  mfaId?: string | null;
  current?: { record: RecordData; etag: string | null } | null;
  settings?: { settings: Settings; etag: string | null } | null;
}

export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly fields: Readonly<Record<string, FieldError>>;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  /** The sign-in that waits for a second factor, if that is all that is missing. */
  readonly mfaId: string | null;
  /** What is there instead of what was to be changed, if the answer brought it along. */
  readonly current: { record: RecordData; etag: string | null } | null;
  /** The same of the settings. */
  readonly settings: { settings: Settings; etag: string | null } | null;

  constructor(parts: ApiErrorParts) {
    super(parts.message);
    this.name = "ApiError";
    this.kind = parts.kind;
    this.status = parts.status;
    this.fields = parts.fields ?? {};
    this.requestId = parts.requestId ?? null;
    this.retryAfterSeconds = parts.retryAfterSeconds ?? null;
    this.mfaId = parts.mfaId ?? null;
    this.current = parts.current ?? null;
    this.settings = parts.settings ?? null;
  }

  /** Whether the same request may well succeed a moment later. */
  get isTemporary(): boolean {
    return this.kind === "network" || this.status === 429 || this.status >= 500;
  }
}

export function networkError(): ApiError {
  return new ApiError({ kind: "network", status: 0, message: "" });
}

/** Reads an error answer: `{status, message, data: {field: {code, message}}}`. */
export function errorFromResponse(status: number, body: string, header: (name: string) => string | null) {
  const shared = {
    status,
    requestId: header("X-Request-Id"),
    retryAfterSeconds: Number(header("Retry-After")) || null,
  };
  const envelope = parseObject(body);
  if (typeof envelope?.mfaId === "string") {
    return new ApiError({ ...shared, kind: "refused", message: "", mfaId: envelope.mfaId });
  }
  if (typeof envelope?.message !== "string") {
    return new ApiError({ ...shared, kind: "unreadable", message: "" });
  }
  return new ApiError({
    ...shared,
    kind: "refused",
    message: envelope.message,
    fields: readFields(envelope.data),
    current: isRecord(envelope.record) ? { record: envelope.record, etag: header("ETag") } : null,
    settings: isObject(envelope.settings)
      ? { settings: envelope.settings as Settings, etag: header("ETag") }
      : null,
  });
}

/** Any thrown value as an ApiError, so that a screen has one kind to show. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError({ kind: "unreadable", status: 0, message });
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The complaints by path: what the server nests, such as `fields.0.name`, is joined with dots. */
export function readFields(data: unknown, prefix = ""): Record<string, FieldError> {
  const fields: Record<string, FieldError> = {};
  if (!isObject(data)) return fields;
  for (const [name, entry] of Object.entries(data)) {
    if (!isObject(entry)) continue;
    const { code, message, params } = entry;
    if (typeof code === "string" && typeof message === "string")
      fields[prefix + name] = { code, message, ...(isObject(params) && { params }) };
    else Object.assign(fields, readFields(entry, `${prefix}${name}.`));
  }
  return fields;
}

function isRecord(value: unknown): value is RecordData {
  return isObject(value) && typeof value.id === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
