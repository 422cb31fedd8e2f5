import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { address, api, setCsrfToken, setSessionCheck, setSessionLostHandler, upload } from "@/api/client";
import { ApiError } from "@/api/errors";
import { fetchSession, signIn, signOut } from "@/api/session";
import { refusal, session, stubServer } from "../../tests/server";

const lost = vi.fn();

beforeEach(() => {
  setSessionLostHandler(lost);
  lost.mockReset();
});
afterEach(() => setCsrfToken(null));

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("requests", () => {
  test("parameters that are not set are left out", async () => {
    const calls = stubServer({ "GET /api/collections": { body: [] } });
    await api.get("/api/collections", { query: { page: 1, sort: "-created", filter: undefined } });
    expect(calls[0]?.query.toString()).toBe("page=1&sort=-created");
  });

  test("the places of a path are filled with what they stand for", async () => {
    const calls = stubServer({ "DELETE /api/backups/a%2Fb%20c.zip": { status: 204 } });
    await api.delete("/api/backups/{key}", { path: { key: "a/b c.zip" } });
    expect(calls).toHaveLength(1);
    const query = { token: "t&1", download: undefined };
    const path = { collection: "posts", id: "r1", filename: "a#b.png" };
    expect(address("/api/files/{collection}/{id}/{filename}", { path, query })).toBe(
      "/api/files/posts/r1/a%23b.png?token=t%261",
    );
  });

  test("the token goes along with what changes something, and with nothing else", async () => {
    setCsrfToken("token-1");
    const calls = stubServer({
      "GET /api/collections": { body: [] },
      "POST /api/collections": { body: { id: "1" } },
      "DELETE /api/logs": { status: 204 },
    });
    await api.get("/api/collections");
    await api.post("/api/collections", { body: { name: "a" } });
    expect(await api.delete("/api/logs")).toBeUndefined();
    expect(calls.map(({ headers }) => headers.get("X-CSRF-Token"))).toEqual([null, "token-1", "token-1"]);
    expect(calls[1]?.body).toEqual({ name: "a" });
  });
});

describe("errors", () => {
  test("what is forbidden because nobody is signed in any more says that", async () => {
    stubServer({ "POST /api/collections": refusal(403, "Only superusers can perform this action.") });
    const attempt = () => failure(api.post("/api/collections", { body: { name: "a" } }));
    expect((await attempt()).status).toBe(403);
    setSessionCheck(async () => false);
    expect(await attempt()).toMatchObject({ status: 401, requestId: "req-1" });
    setSessionCheck(async () => true);
  });

  test("the envelope is read, with the request id", async () => {
    const data = { title: { code: "validation_required", message: "Missing required value." } };
    stubServer({ "POST /api/collections": refusal(400, "Failed to create record.", data) });
    const error = await failure(api.post("/api/collections", { body: {} }));
    expect(error).toMatchObject({
      kind: "refused",
      status: 400,
      message: "Failed to create record.",
      fields: data,
      requestId: "req-1",
      isTemporary: false,
    });
  });

  test("nested data without code and message is no field error", async () => {
    stubServer({
      "POST /api/collections": refusal(400, "No.", { a: { deep: { code: "x" } }, b: "text", c: null }),
    });
    expect((await failure(api.post("/api/collections", { body: {} }))).fields).toEqual({});
  });

  test("a server that is away is not a server that refuses", async () => {
    stubServer({ "GET /api/collections": "down" });
    expect(await failure(api.get("/api/collections"))).toMatchObject({
      kind: "network",
      status: 0,
      isTemporary: true,
    });
  });

  test("an answer of somebody else is told apart", async () => {
    vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await failure(api.get("/api/collections"))).toMatchObject({ kind: "unreadable", status: 502 });
    vi.stubGlobal("fetch", async () => new Response("<h1>Welcome</h1>"));
    expect(await failure(api.get("/api/collections"))).toMatchObject({ kind: "unreadable", status: 200 });
  });

  test("how long to wait is read", async () => {
    stubServer({
      "GET /api/collections": { ...refusal(429, "Slow down."), headers: { "Retry-After": "7" } },
    });
    expect(await failure(api.get("/api/collections"))).toMatchObject({
      retryAfterSeconds: 7,
      isTemporary: true,
    });
  });
});

describe("the session", () => {
  test("a 401 says that it is gone", async () => {
    stubServer({ "GET /api/collections": refusal(401, "Sign in.") });
    await failure(api.get("/api/collections"));
    expect(lost).toHaveBeenCalledOnce();
  });

  test("no session is an answer and not an error, and not a loss", async () => {
    stubServer({ "GET /api/admin/session": refusal(401, "Sign in.") });
    expect(await fetchSession()).toBeNull();
    expect(lost).not.toHaveBeenCalled();
  });

  test("signing in keeps the token for later, signing out drops it", async () => {
    const calls = stubServer({
      "POST /api/admin/session": { body: session },
      "DELETE /api/admin/session": { status: 204 },
      "POST /api/collections": { body: {} },
    });
    await signIn({ email: "ada@example.com", password: "secret" });
    await signOut();
    await api.post("/api/collections", { body: {} });
    expect(calls.map(({ headers }) => headers.get("X-CSRF-Token"))).toEqual([null, "csrf-1", null]);
  });
});

describe("uploads", () => {
  class FakeRequest {
    static last: FakeRequest;
    upload: { onprogress?: (event: object) => void } = {};
    headers: Record<string, string> = {};
    status = 0;
    responseText = "";
    onload = () => {};
    onerror = () => {};
    onabort = () => {};
    sent: unknown;

    constructor() {
      FakeRequest.last = this;
    }
    open() {}
    setRequestHeader(name: string, value: string) {
      this.headers[name] = value;
    }
    getResponseHeader = (name: string) => (name === "X-Request-Id" ? "req-2" : null);
    send(form: unknown) {
      this.sent = form;
    }
    abort() {
      this.onabort();
    }
    answer(status: number, body: unknown) {
      this.status = status;
      this.responseText = JSON.stringify(body);
      this.onload();
    }
  }

  beforeEach(() => {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
  });

  test("the share that was sent is reported, and the answer is read", async () => {
    setCsrfToken("token-1");
    const onProgress = vi.fn();
    const result = upload("/api/plugins", new FormData(), { onProgress });
    FakeRequest.last.upload.onprogress?.({ lengthComputable: true, loaded: 5, total: 20 });
    FakeRequest.last.answer(200, { id: "p1" });
    expect(await result).toEqual({ id: "p1" });
    expect(onProgress).toHaveBeenCalledWith(0.25);
    expect(FakeRequest.last.headers["X-CSRF-Token"]).toBe("token-1");
  });

  test("a refusal is the same error as of any other request", async () => {
    const result = failure(upload("/api/plugins", new FormData(), {}));
    const data = { file: { code: "plugin_invalid", message: "Truncated." } };
    FakeRequest.last.answer(400, { status: 400, message: "Refused.", data });
    expect(await result).toMatchObject({ status: 400, fields: data, requestId: "req-2" });
  });

  test("it can be cancelled", async () => {
    const aborter = new AbortController();
    const result = upload("/api/plugins", new FormData(), { signal: aborter.signal });
    aborter.abort();
    await expect(result).rejects.toMatchObject({ name: "AbortError" });
  });
});
