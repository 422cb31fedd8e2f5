/** Data to look at, put in through the API as a client would. */
import { readFileSync } from "node:fs";
import { pluginFile, type Server, superuser } from "./server";

type Body = Record<string, unknown>;

/** A signed-in client of the server's API. */
export async function signedInApi(server: Server) {
  const reply = await fetch(`${server.url}/api/admin/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(superuser),
  });
  const { csrf } = (await expectOk(reply)) as { csrf: string };
  const cookie = reply.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const send = async (method: string, path: string, body: Body): Promise<Body> =>
    expectOk(
      await fetch(server.url + path, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, Cookie: cookie },
        body: JSON.stringify(body),
      }),
    );
  /** Puts a component in under a name, and answers with the id of the plugin. */
  const upload = async (name: string, file: string | Buffer = pluginFile()): Promise<string> => {
    const form = new FormData();
    form.set("name", name);
    const bytes = typeof file === "string" ? readFileSync(file) : file;
    form.set("file", new File([new Uint8Array(bytes)], "plugin.wasm"));
    const headers = { "X-CSRF-Token": csrf, Cookie: cookie };
    const made = await expectOk(
      await fetch(`${server.url}/api/plugins`, { method: "POST", headers, body: form }),
    );
    return String(made.id);
  };
  /** Records by the thousand, in one file. */
  const fill = (collection: string, records: Body[]): Promise<Body> => {
    const form = new FormData();
    form.set(
      "file",
      new File([records.map((record) => JSON.stringify(record)).join("\n")], "records.ndjson"),
    );
    const headers = { "X-CSRF-Token": csrf, Cookie: cookie };
    const path = `${server.url}/api/collections/${collection}/records/import?format=ndjson`;
    return fetch(path, { method: "POST", headers, body: form }).then(expectOk);
  };
  return {
    upload,
    fill,
    get: async (path: string): Promise<Body> =>
      expectOk(await fetch(server.url + path, { headers: { Cookie: cookie } })),
    post: (path: string, body: Body) => send("POST", path, body),
    patch: (path: string, body: Body) => send("PATCH", path, body),
    put: (path: string, body: Body) => send("PUT", path, body),
    /** What has no answer. */
    run: async (path: string): Promise<void> => {
      const headers = { "X-CSRF-Token": csrf, Cookie: cookie };
      const reply = await fetch(server.url + path, { method: "POST", headers });
      if (!reply.ok) throw new Error(`${reply.status} of ${reply.url}`);
    },
  };
}

async function expectOk(reply: Response): Promise<Body> {
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${reply.status} of ${reply.url}: ${text}`);
  return JSON.parse(text) as Body;
}

const owner = "@request.auth.id != '' && author = @request.auth.id";

/** Collections of each type, with every way a rule can be. */
export async function seedCollections(server: Server): Promise<void> {
  const api = await signedInApi(server);
  const members = await api.post("/api/collections", {
    name: "members",
    type: "auth",
    listRule: "id = @request.auth.id",
    viewRule: "id = @request.auth.id",
    createRule: "",
    updateRule: "id = @request.auth.id",
    deleteRule: null,
    fields: [
      { name: "name", type: "text", max: 120, presentable: true },
      {
        name: "avatar",
        type: "file",
        maxSelect: 1,
        maxSize: 2_000_000,
        mimeTypes: ["image/png", "image/jpeg"],
      },
    ],
  });
  const posts = await api.post("/api/collections", {
    name: "posts",
    type: "base",
    listRule: "",
    viewRule: "",
    createRule: "@request.auth.id != ''",
    updateRule: `${owner} && @request.body.author:isset = false`,
    deleteRule: null,
    fields: [
      { name: "title", type: "text", required: true, min: 3, max: 200, presentable: true },
      { name: "slug", type: "text", pattern: "^[a-z0-9-]*$" },
      { name: "body", type: "editor" },
      {
        name: "status",
        type: "select",
        required: true,
        maxSelect: 1,
        values: ["draft", "review", "published"],
      },
      { name: "author", type: "relation", collectionId: members.id, maxSelect: 1, required: true },
      { name: "rating", type: "number", min: 0, max: 5 },
      { name: "moderation", type: "json", hidden: true, maxSize: 20_000 },
      { name: "published", type: "date" },
    ],
  });
  await api.post("/api/collections", {
    name: "comments",
    type: "base",
    listRule: "",
    viewRule: "",
    createRule: "",
    updateRule: "",
    deleteRule: "",
    fields: [
      { name: "text", type: "text", required: true, max: 2000 },
      {
        name: "post",
        type: "relation",
        collectionId: posts.id,
        maxSelect: 1,
        required: true,
        cascadeDelete: true,
      },
      { name: "spam", type: "bool" },
    ],
  });
  await api.post("/api/collections", {
    name: "invoices",
    type: "base",
    fields: [
      { name: "number", type: "text", required: true },
      { name: "total", type: "number", required: true, min: 0 },
      { name: "paid", type: "bool" },
      { name: "scan", type: "file", maxSelect: 5, maxSize: 10_000_000 },
    ],
  });
}

const titles = [
  "Why modules beat scripts",
  "A database in one file",
  "Sandboxes, explained to a cat",
  "The shape of a good API",
  "Realtime without tears",
  "Rules that read like sentences",
  "What an index costs",
  "Backups you have restored",
];
const statuses = ["draft", "review", "published"];

/** Records to look at: some members, posts of theirs, invoices by the hundred. */
export async function seedRecords(server: Server): Promise<void> {
  await seedCollections(server);
  const api = await signedInApi(server);
  const records = (collection: string) => `/api/collections/${collection}/records`;
  const members: string[] = [];
  for (const name of ["Ada Lovelace", "Grace Hopper", "Alan Turing"]) {
    const email = `${name.split(" ")[0]?.toLowerCase()}@example.com`;
    const password = "a long enough password";
    const made = await api.post(records("members"), { name, email, password, passwordConfirm: password });
    members.push(String(made.id));
  }
  for (const [index, title] of titles.entries()) {
    await api.post(records("posts"), {
      title,
      slug: title.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
      body: `<p>Number ${index + 1}: a longer text that says why, and how it came about.</p>`,
      status: statuses[index % statuses.length],
      author: members[index % members.length],
      rating: index % 6,
      moderation: { flags: index, by: ["system"] },
      published: `2026-11-${String(10 + index)} 09:30:00.000Z`,
    });
  }
  await api.patch("/api/settings", { batch: { enabled: true, maxRequests: 200, timeout: 30 } });
  const requests = Array.from({ length: 150 }, (_, index) => ({
    method: "POST",
    url: records("invoices"),
    body: {
      number: `2026-${String(index + 1).padStart(4, "0")}`,
      total: 10 + index * 3.5,
      paid: index % 3 === 0,
    },
  }));
  await api.post("/api/batch", { requests });
}

/** The plugins that come with the server, at work on the posts, with a call or two behind them. Answers with their ids. */
export async function seedPlugins(server: Server) {
  const api = await signedInApi(server);
  await api.post("/api/collections", {
    name: "audit",
    type: "base",
    fields: [
      { name: "event", type: "text" },
      { name: "action", type: "text" },
      { name: "collection", type: "text" },
      { name: "record", type: "text" },
      { name: "at", type: "text" },
      { name: "by", type: "text" },
    ],
  });
  const audit = await api.upload("audit-trail", pluginFile("audit-trail"));
  const limit = await api.upload("word-limit", pluginFile("word-limit"));
  // Two versions that differ in what they export.
  await api.upload("slugs", pluginFile("word-limit"));
  const slugs = await api.upload("slugs");
  const attach = (id: string, body: Body) => api.post(`/api/plugins/${id}/attachments`, body);
  await api.put(`/api/plugins/${audit}/grants`, {
    records: [{ collection: "audit", verbs: ["list", "create"], as: "plugin" }],
  });
  await attach(slugs, { collection: "posts", hooks: ["beforeCreate", "beforeUpdate"], order: 10 });
  await attach(limit, {
    collection: "posts",
    hooks: ["validate"],
    order: 20,
    onFailure: "open",
    config: { field: "title", max: 40 },
  });
  await attach(audit, { collection: "posts", hooks: ["afterCreate", "afterUpdate"], order: 30 });
  await attach(audit, { collection: "comments", hooks: ["afterCreate"], order: 10 });
  await api.post("/api/collections/comments/records", { text: "First!", post: await firstPost(server) });
  return { audit, limit, slugs };
}

/** The guest of the server's own tests that writes down when it was called. */
export const momentsFile = () => pluginFile("../../host/tests/guests/dist/moments");

/** Where that guest writes. */
export async function seedRuns(server: Server): Promise<string> {
  const api = await signedInApi(server);
  const field = (name: string) => ({ name, type: "text" });
  await api.post("/api/collections", {
    name: "runs",
    type: "base",
    fields: [field("what"), field("who"), field("more")],
  });
  const id = await api.upload("moments", momentsFile());
  await api.put(`/api/plugins/${id}/grants`, {
    records: [{ collection: "runs", verbs: ["create"], as: "plugin" }],
  });
  return id;
}

/** Plugins that no collection calls: by the clock, with a run or two behind them, and by requests. Answers with their ids. */
export async function seedMoments(server: Server) {
  const api = await signedInApi(server);
  const moments = await seedRuns(server);
  const schedule = (name: string, expression: string, more: Body = {}) =>
    api.post(`/api/plugins/${moments}/schedules`, { name, expression, ...more });
  await schedule("nightly", "0 3 * * *", { config: { keep: 30 } });
  await schedule("fails", "*/15 * * * *");
  await schedule("reports", "0 6 * * 1", { enabled: false });
  for (const name of ["nightly", "fails"]) await api.run(`/api/crons/moments:${name}`);
  const feed = await api.upload("feed", pluginFile("feed"));
  await api.put(`/api/plugins/${feed}/grants`, {
    records: [{ collection: "posts", verbs: ["list"], as: "caller" }],
  });
  await api.put(`/api/plugins/${feed}/route`, {
    access: "guest",
    config: { collection: "posts", title: "What is new", fields: { text: "slug" } },
  });
  return { moments, feed };
}

async function firstPost(server: Server): Promise<string> {
  const reply = await fetch(`${server.url}/api/collections/posts/records?perPage=1`);
  const { items } = (await expectOk(reply)) as { items: Body[] };
  return String(items[0]?.id);
}

/** Plugins of every kind that a screen shows in another way, by their ids. */
export async function seedAllPlugins(server: Server) {
  const { audit, slugs } = await seedPlugins(server);
  const { moments, feed } = await seedMoments(server);
  return [audit, slugs, moments, feed];
}
