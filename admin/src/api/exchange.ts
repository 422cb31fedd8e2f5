/**
 * A request whose answer is shown as it is, whatever it is: what a plugin's route says is the plugin's own, no envelope of the
 * API. A refusal is an answer here; only no answer at all is an error.
 */
import { sendAsIs } from "@/api/client";

export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  body: string;
  contentType: string;
  /** As a stranger: without the session. */
  asGuest: boolean;
}

export interface ExchangeAnswer {
  status: number;
  headers: [name: string, value: string][];
  /** `null` for what is no text. */
  text: string | null;
  bytes: number;
  durationMs: number;
}

const textual = /^text\/|json|xml|javascript|x-www-form-urlencoded|graphql|svg|^$/;

export async function exchange({
  method,
  path,
  body,
  contentType,
  asGuest,
}: Exchange): Promise<ExchangeAnswer> {
  const begun = performance.now();
  const headers = new Headers();
  const carries = canCarry(method) && body !== "";
  if (carries && contentType) headers.set("Content-Type", contentType);
  const response = await sendAsIs(path, { method, headers, body: carries ? body : undefined }, asGuest);
  const content = await response.arrayBuffer();
  return {
    status: response.status,
    headers: [...response.headers].map(([name, value]) => [name.toLowerCase(), value]),
    text: textual.test(response.headers.get("Content-Type") ?? "") ? new TextDecoder().decode(content) : null,
    bytes: content.byteLength,
    durationMs: performance.now() - begun,
  };
}

/** Whether a request of this method may have a body. */
export function canCarry(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}
