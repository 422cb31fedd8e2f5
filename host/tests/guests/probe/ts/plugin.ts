// The probe of the conformance list (host/tests/guests/probe/README.md) in TypeScript.

import { type Context, definePlugin, deny, refuseAll } from "@tinybase/plugin";
import { clock } from "@tinybase/plugin/clock";
import { files } from "@tinybase/plugin/files";
import { http } from "@tinybase/plugin/http";
import { kv } from "@tinybase/plugin/kv";
import { log } from "@tinybase/plugin/log";
import { mail } from "@tinybase/plugin/mail";
import { random } from "@tinybase/plugin/random";
import { realtime } from "@tinybase/plugin/realtime";
import { HostError, quote, records } from "@tinybase/plugin/records";
import { secrets } from "@tinybase/plugin/secrets";

interface Probe {
  title: string;
  ask: string;
  a: string;
  b: string;
  c: string;
  d: string;
  n: number;
  flag: boolean;
  tags: string[];
  meta: unknown;
  answer: string;
}

interface Titled {
  title: string;
}

const titles = (found: Titled[]) => found.map((record) => record.title).join(",");

const answers: { [ask: string]: (draft: Probe, ctx: Context) => unknown } = {
  // Beside it: the clock of the language tells when the call began, and the one that measures stands still.
  who: (_, ctx) => [ctx.tenant, ctx.collection, ctx.caller.kind, Date.now() + (performance.now() - performance.now()), ctx.depth, JSON.stringify(ctx.config)].join(" "),
  log: ({ a, b }) => log.warn(a, { b }),
  get: ({ a, b }) => records.get<Titled>(a, b).title,
  find: ({ a, b, c, n }) => titles(records.find<Titled>(a, b, { sort: c, limit: n })),
  named: ({ a, b }) => titles(records.find<Titled>(a, `title = ${quote(b)}`)),
  count: ({ a, b }) => records.count(a, b),
  create: ({ a, b }) => records.create(a, { title: b }),
  update: ({ a, b, c }) => records.update(a, b, { title: c }),
  delete: ({ a, b }) => records.delete(a, b),
  "kv.get": ({ a }) => kv.getText(a) ?? "nothing",
  "kv.set": ({ a, b, n }) => kv.setText(a, b, { ttlMs: n }),
  "kv.increment": ({ a, n }) => kv.increment(a, n),
  "kv.delete": ({ a }) => kv.delete(a),
  clock: () => clock.nowMs(),
  random: ({ n }) => random.bytes(n).join(","),
  http: ({ a, b, c, d }) => {
    const response = http.send(b, { method: a, headers: { "x-probe": c }, body: d });
    return `${response.status} ${response.header("x-echo") ?? ""} ${response.text()}`;
  },
  secret: ({ a }) => secrets.placeholder(a),
  sign: ({ a, b }) => secrets.hmacSha256(a, b).join(","),
  mail: ({ a, b, c, d }) => mail.send({ to: a, subject: b, text: c, html: d || null }),
  publish: ({ a, b }) => realtime.publish(a, JSON.parse(b)),
  "file.read": ({ a, b, c }) => files.readText(a, b, c),
  "file.write": ({ a, b, c, d }) => files.write(a, b, c, d, "from the probe"),
  panic: ({ a }) => {
    throw new Error(a);
  },
};

function told(what: string, title: string) {
  if (title === "fail") throw new Error("as it was told");
  log.info(`${what} ${title}`);
}

export default definePlugin<Probe>({
  beforeCreate(ctx, draft) {
    if (!draft.ask) return;
    if (draft.ask === "refuse") {
      refuseAll([
        { field: "a", code: "probe_a", message: "Not this." },
        { field: "b", code: "probe_b", message: "Nor that." },
      ]);
    }
    if (draft.ask === "echo") {
      draft.flag = !draft.flag;
      draft.n *= 2;
      draft.tags.push("more");
      draft.meta = { was: draft.meta };
      return;
    }
    try {
      draft.answer = String(answers[draft.ask]!(draft, ctx) ?? "done");
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      draft.answer = `refused:${error.code}`;
    }
  },
  afterCreate: (_ctx, _event, stored) => told("created", stored.title),
  afterUpdate: (_ctx, _event, original, stored) => told(`updated ${original.title}`, stored.title),
  afterDelete: (_ctx, _event, original) => told("deleted", original.title),
  scheduled: (_ctx, name) => told("ran", name),
  beforeSignIn(_ctx, _method, stored) {
    if ((stored as { name?: string }).name === "blocked") deny(403, "You are blocked.");
  },
  tokenClaims: (_ctx, method) => ({ way: method, level: 2 }),
});
