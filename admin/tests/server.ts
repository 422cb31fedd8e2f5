/** Stands in for `fetch` in tests of a single screen. The end-to-end tests speak to the real server. */
import { vi } from "vitest";

interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

type Answer = Reply | "down" | ((call: Call) => Reply | "down" | Promise<Reply>);

/** Answers by `METHOD /path`; what has no answer is a 404. The calls that were made are returned. */
export function stubServer(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, "http://tinybase.test");
    const call: Call = {
      method: init.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    calls.push(call);
    const answer = answers[`${call.method} ${call.path}`] ?? refusal(404, "Not found.");
    const reply = typeof answer === "function" ? await answer(call) : answer;
    if (reply === "down") throw new TypeError("Failed to fetch");
    const { status = 200, body, headers } = reply;
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  });
  return calls;
}

export function refusal(status: number, message: string, data: unknown = {}): Reply {
  return { status, body: { status, message, data }, headers: { "X-Request-Id": "req-1" } };
}

export const session = { record: { id: "u1", email: "ada@example.com" }, csrf: "csrf-1" };

/** Collections as they are stored: the list of them and each by itself, with a tag. */
export function stored(...collections: { id: string }[]): Record<string, Answer> {
  const each = collections.map((collection): [string, Answer] => [
    `GET /api/collections/${collection.id}`,
    { body: collection, headers: { ETag: `"${collection.id}-1"` } },
  ]);
  return { "GET /api/collections": pageOf(collections), ...Object.fromEntries(each) };
}

export function pageOf(items: unknown[]): Reply {
  return { body: { page: 1, perPage: 200, totalItems: items.length, totalPages: 1, items } };
}
