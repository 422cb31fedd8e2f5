// The probe of the conformance list (host/tests/guests/probe/README.md) in AssemblyScript.

import {
  Context, FieldError, Fields, INFO, Pair, Record, Reply, Request, WARN, change, claim, contextOf, deny, done, files, first,
  firstOfEvent, kv, later, log, logWith, methodOf, nowMs, publish, randomBytes, records, refuseAll, scheduleOf, secondOfEvent,
  secrets, sendMail, signedIn, unchanged,
} from "./tinybase";

export { cabi_realloc } from "./tinybase";

export function before_create(call: usize): usize {
  const draft = first(call);
  const ask = draft.text("ask");
  if (ask == "") return unchanged();
  if (ask == "echo") return echoed(draft);
  if (ask == "refuse") {
    return refuseAll([new FieldError("a", "probe_a", "Not this."), new FieldError("b", "probe_b", "Nor that.")]);
  }
  if (ask == "panic") throw new Error(draft.text("a"));
  return change(new Fields().text("answer", answered(ask, contextOf(call), draft)));
}

function answered(ask: string, ctx: Context, draft: Record): string {
  const a = draft.text("a"), b = draft.text("b"), c = draft.text("c"), d = draft.text("d"), n = <i64>draft.number("n");
  if (ask == "who") return who(ctx);
  if (ask == "log") {
    logWith(WARN, a, [new Pair("b", b)]);
    return "done";
  }
  if (ask == "get") {
    const found = records.get(a, b);
    return found.failed ? refused(found) : found.value.text("title");
  }
  if (ask == "find") return titles(records.find(a, b, c, <u32>n));
  if (ask == "named") return titles(records.find(a, "title = " + records.quote(b)));
  if (ask == "count") return decimal(records.count(a, b));
  if (ask == "create") return text(records.create(a, new Fields().text("title", b)));
  if (ask == "update") return plain(records.update(a, b, new Fields().text("title", c)));
  if (ask == "delete") return plain(records.remove(a, b));
  if (ask == "kv.get") {
    const got = kv.getText(a);
    if (got.failed) return refused(got);
    const value = got.value;
    return value === null ? "nothing" : value;
  }
  if (ask == "kv.set") return plain(kv.setText(a, b, <u64>n));
  if (ask == "kv.increment") return decimal(kv.increment(a, n));
  if (ask == "kv.delete") return plain(kv.remove(a));
  if (ask == "clock") return decimal(nowMs());
  if (ask == "random") return listed(randomBytes(<u32>n));
  if (ask == "http") return sent(new Request(a, b).header("x-probe", c).body(d));
  if (ask == "secret") return text(secrets.placeholder(a));
  if (ask == "sign") return listed(secrets.hmacSha256(a, b));
  if (ask == "mail") return plain(sendMail([a], b, c, d == "" ? null : d));
  if (ask == "publish") return plain(publish(a, b));
  if (ask == "file.read") {
    const content = files.read(a, b, c);
    return content.failed ? refused(content) : String.UTF8.decode(content.value);
  }
  assert(ask == "file.write", "an unknown question");
  return plain(files.write(a, b, c, d, String.UTF8.encode("from the probe")));
}

function refused<T>(reply: Reply<T>): string { return "refused:" + reply.code; }
function plain<T>(reply: Reply<T>): string { return reply.failed ? refused(reply) : "done"; }
function text(reply: Reply<string>): string { return reply.failed ? refused(reply) : reply.value; }
function decimal(reply: Reply<i64>): string { return reply.failed ? refused(reply) : reply.value.toString(); }

function listed(reply: Reply<ArrayBuffer>): string {
  return reply.failed ? refused(reply) : Uint8Array.wrap(reply.value).join(",");
}

function titles(reply: Reply<Record[]>): string {
  if (reply.failed) return refused(reply);
  let list = "";
  for (let i = 0; i < reply.value.length; i++) list += (i > 0 ? "," : "") + reply.value[i].text("title");
  return list;
}

function sent(request: Request): string {
  const reply = request.send();
  if (reply.failed) return refused(reply);
  const response = reply.value;
  return response.status.toString() + " " + response.header("x-echo") + " " + response.text;
}

function who(ctx: Context): string {
  return [ctx.tenant, ctx.collection, ctx.callerKind, ctx.nowMs.toString(), ctx.depth.toString(), ctx.config].join(" ");
}

function echoed(draft: Record): usize {
  const tags = draft.texts("tags");
  tags.push("more");
  return change(new Fields()
    .boolean("flag", !draft.boolean("flag"))
    .number("n", draft.number("n") * 2)
    .texts("tags", tags)
    .json("meta", '{"was":' + draft.json("meta") + "}"));
}

function told(what: string, title: string): usize {
  if (title == "fail") return later("as it was told");
  log(INFO, what + " " + title);
  return done();
}

export function after_create(call: usize): usize { return told("created", firstOfEvent(call).text("title")); }

export function after_update(call: usize): usize {
  return told("updated " + firstOfEvent(call).text("title"), secondOfEvent(call).text("title"));
}

export function after_delete(call: usize): usize { return told("deleted", firstOfEvent(call).text("title")); }

export function scheduled(call: usize): usize { return told("ran", scheduleOf(call)); }

export function before_sign_in(call: usize): usize {
  return signedIn(call).text("name") == "blocked" ? deny(403, "You are blocked.") : unchanged();
}

export function token_claims(call: usize): usize {
  return claim(new Fields().text("way", methodOf(call)).number("level", 2));
}
