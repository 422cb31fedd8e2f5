/**
 * The one way to the server: same-origin requests that carry the session cookie, the CSRF header on those that
 * change something, and errors decoded into `ApiError`. It adds no caching and renames nothing.
 */
import { reportReachable } from "@/api/connection";
import type {
  Answer,
  BodyPart,
  FormOperation,
  FormPath,
  Operation,
  PathOf,
  PathPart,
  QueryPart,
} from "@/api/contract";
import { ApiError, errorFromResponse, networkError } from "@/api/errors";

type Places = Record<string, string>;
type Query = Record<string, string | number | boolean | undefined>;

interface RequestOptions {
  signal?: AbortSignal;
  /** `false` for requests whose 401 speaks of what was typed and not of the session. */
  needsSession?: boolean;
  /** Writes only if what is there still has this tag. */
  ifMatch?: string | null;
  /** Told the tag of what was answered. */
  onTag?: (tag: string | null) => void;
  /** Arrives also when the page is closed meanwhile. */
  keepalive?: boolean;
}

/** What an operation takes, as its description says, and how it is sent. */
type Options<O> = PathPart<O> & QueryPart<O> & BodyPart<O> & RequestOptions;
/** They may be left out where nothing of them is demanded. */
type Rest<O> = Record<never, never> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];
type AnyOptions = RequestOptions & { path?: Places; query?: Query; body?: unknown };

let csrfToken: string | null = null;
let onSessionLost: () => void = () => {};
let isSignedIn: () => Promise<boolean> = async () => true;

/** The token of the current session. In memory only: a reload asks the server for it again. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called whenever a request finds that the session is gone. */
export function setSessionLostHandler(handler: () => void): void {
  onSessionLost = handler;
}

/** Asked when something is forbidden, which may be because nobody is signed in any more: to the server that is a guest. */
export function setSessionCheck(check: () => Promise<boolean>): void {
  isSignedIn = check;
}

/** Paths are written as in the description; the values of their places come beside them. */
export const api = {
  get: <P extends PathOf<"get">>(path: P, ...[options]: Rest<Operation<"get", P>>) =>
    request<Answer<Operation<"get", P>>>("GET", path, options),
  post: <P extends PathOf<"post">>(path: P, ...[options]: Rest<Operation<"post", P>>) =>
    request<Answer<Operation<"post", P>>>("POST", path, options),
  put: <P extends PathOf<"put">>(path: P, ...[options]: Rest<Operation<"put", P>>) =>
    request<Answer<Operation<"put", P>>>("PUT", path, options),
  patch: <P extends PathOf<"patch">>(path: P, ...[options]: Rest<Operation<"patch", P>>) =>
    request<Answer<Operation<"patch", P>>>("PATCH", path, options),
  delete: <P extends PathOf<"delete">>(path: P, ...[options]: Rest<Operation<"delete", P>>) =>
    request<Answer<Operation<"delete", P>>>("DELETE", path, options),
};

async function request<T>(method: string, template: string, options: AnyOptions = {}): Promise<T> {
  const { path, query, body, signal, needsSession = true, ifMatch, onTag, keepalive } = options;
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET" && csrfToken) headers.set("X-CSRF-Token", csrfToken);
  if (ifMatch) headers.set("If-Match", ifMatch);

  let response: Response;
  let text: string;
  try {
    response = await fetch(filled(template, path) + queryString(query), {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      keepalive,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    reportReachable(false);
    throw networkError();
  }
  try {
    const value = settle<T>(response.status, text, (name) => response.headers.get(name), needsSession);
    onTag?.(response.headers.get("ETag"));
    return value;
  } catch (error) {
    throw needsSession ? await reasonOf(error) : error;
  }
}

/** What is forbidden to a guest is a matter of signing in to whoever was signed in before. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof ApiError) || error.status !== 403 || (await isSignedIn())) return error;
  const { message, requestId } = error;
  return new ApiError({ kind: "refused", status: 401, message, requestId });
}

/** A request that is shown as it went, in the name of whoever is signed in or of nobody. */
export async function sendAsIs(path: string, init: RequestInit, asGuest: boolean): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method !== "GET" && csrfToken && !asGuest) headers.set("X-CSRF-Token", csrfToken);
  try {
    const credentials = asGuest ? "omit" : "same-origin";
    const response = await fetch(path, { ...init, headers, credentials, cache: "no-store" });
    reportReachable(true);
    return response;
  } catch {
    reportReachable(false);
    throw networkError();
  }
}

export interface UploadOptions {
  /** `POST` unless something that exists is changed. */
  method?: "POST" | "PATCH";
  signal?: AbortSignal;
  ifMatch?: string | null;
  onTag?: (tag: string | null) => void;
  /** Called with the share that has left this machine, from 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Sends a form with files. `fetch` cannot report how much was sent, so this one speaks XMLHttpRequest. */
export function upload<P extends FormPath>(
  template: P,
  form: FormData,
  options: UploadOptions & PathPart<FormOperation<P>> & QueryPart<FormOperation<P>>,
): Promise<Answer<FormOperation<P>>> {
  type T = Answer<FormOperation<P>>;
  return new Promise((resolve, reject) => {
    const { method = "POST", signal, ifMatch, onTag, onProgress } = options;
    const { path, query }: AnyOptions = options;
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    const finish = () => signal?.removeEventListener("abort", abort);

    xhr.open(method, filled(template, path) + queryString(query));
    xhr.setRequestHeader("Accept", "application/json");
    if (csrfToken) xhr.setRequestHeader("X-CSRF-Token", csrfToken);
    if (ifMatch) xhr.setRequestHeader("If-Match", ifMatch);
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    xhr.onload = () => {
      finish();
      try {
        const value = settle<T>(xhr.status, xhr.responseText, (name) => xhr.getResponseHeader(name), true);
        onTag?.(xhr.getResponseHeader("ETag"));
        resolve(value);
      } catch (error) {
        void reasonOf(error).then(reject);
      }
    };
    xhr.onerror = () => {
      finish();
      reportReachable(false);
      reject(networkError());
    };
    xhr.onabort = () => {
      finish();
      reject(new DOMException("The upload was cancelled.", "AbortError"));
    };
    signal?.addEventListener("abort", abort);
    xhr.send(form);
  });
}

/** Turns a complete answer into its value, or throws the error it carries. */
function settle<T>(
  status: number,
  text: string,
  header: (name: string) => string | null,
  needsSession: boolean,
): T {
  reportReachable(true);
  if (status < 200 || status >= 300) {
    const error = errorFromResponse(status, text, header);
    if (status === 401 && needsSession) onSessionLost();
    throw error;
  }
  if (text === "") return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError({ kind: "unreadable", status, message: "", requestId: header("X-Request-Id") });
  }
}

/** Where something is that the browser fetches by itself. */
export function address<P extends PathOf<"get">>(
  template: P,
  options: PathPart<Operation<"get", P>> & QueryPart<Operation<"get", P>>,
): string {
  const { path, query }: AnyOptions = options;
  return filled(template, path) + queryString(query);
}

/** A path with its `{places}` filled. */
function filled(template: string, places: Places = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(places[name] ?? ""));
}

/** With its question mark; nothing for no parameters. */
function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
