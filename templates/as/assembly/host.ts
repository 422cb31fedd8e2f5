// What a plugin may ask the host for; each function is imported where it is called, and answers with a `Reply`.

import { Fields, Record, giveText, giveTexts, takeText } from "./tinybase";

/** What the host answers: a value, or why it refuses: `code` is `denied`, `not_found`, `invalid`, .. */
export class Reply<T> {
  constructor(public code: string, public message: string, private found: T) {}

  get failed(): bool { return this.code.length > 0; }
  /** Code and message. */
  get words(): string { return this.code + ": " + this.message; }
  /** The value; asked for where there is none it ends the call. */
  get value(): T {
    assert(!this.failed, this.words);
    return this.found;
  }
}

/** Of functions that only do something. */
export class Nothing {}

// Where the host puts its answer: a byte says whether it refuses, and what comes then lies at 4, or at 8 where it has 64 bits.
function room(): usize {
  const at = heap.alloc(32);
  memory.fill(at, 0, 32);
  return at;
}

function reply<T>(at: usize, found: T, error: usize = 4): Reply<T> {
  if (load<u8>(at) == 0) return new Reply<T>("", "", found);
  return new Reply<T>(takeText(at + error), takeText(at + error + 8), found);
}

function refused(at: usize): bool { return load<u8>(at) != 0; }
function texted(at: usize): Reply<string> { return reply<string>(at, refused(at) ? "" : takeText(at + 4)); }
function nothing(at: usize): Reply<Nothing> { return reply<Nothing>(at, new Nothing()); }
function counted(at: usize): Reply<i64> { return reply<i64>(at, load<i64>(at, 8), 8); }

function takeBytes(at: usize): ArrayBuffer {
  const bytes = new ArrayBuffer(<i32>load<usize>(at, 4));
  memory.copy(changetype<usize>(bytes), load<usize>(at), load<usize>(at, 4));
  return bytes;
}

function bytes(at: usize): Reply<ArrayBuffer> {
  return reply<ArrayBuffer>(at, refused(at) ? new ArrayBuffer(0) : takeBytes(at + 4));
}

// A text on its way to the host.
function utf8(text: string): ArrayBuffer { return String.UTF8.encode(text); }
function ptr(bytes: ArrayBuffer): usize { return changetype<usize>(bytes); }
function len(bytes: ArrayBuffer): usize { return <usize>bytes.byteLength; }

export const DEBUG = 0;
export const INFO = 1;
export const WARN = 2;
export const ERROR = 3;

@external("tinybase:plugin/log@0.1.0", "log")
declare function hostLog(level: i32, p: usize, l: usize, facts: usize, count: usize): void;

/** A name and a value: a header, or a fact beside a line of the log. */
export class Pair {
  constructor(public name: string, public value: string) {}
}

function givePairs(pairs: Pair[]): usize {
  const list = heap.alloc(pairs.length * 16);
  for (let i = 0; i < pairs.length; i++) {
    giveText(list + i * 16, pairs[i].name);
    giveText(list + i * 16 + 8, pairs[i].value);
  }
  return list;
}

/** Writes to the plugin's own log. */
export function log(level: i32, message: string): void {
  const m = utf8(message);
  hostLog(level, ptr(m), len(m), 8, 0);
}

/** The same with facts beside it. */
export function logWith(level: i32, message: string, facts: Pair[]): void {
  const m = utf8(message);
  hostLog(level, ptr(m), len(m), givePairs(facts), facts.length);
}

/** What `throw`, `assert` and the runtime's own errors come to, by `use` in `asconfig.json`: words in the log. */
export function panic(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "aborted" : message;
  log(ERROR, what + " (" + (file === null ? "" : file) + ":" + line.toString() + ":" + column.toString() + ")");
  unreachable();
}

@external("tinybase:plugin/records@0.1.0", "get")
declare function recordsGet(cp: usize, cl: usize, ip: usize, il: usize, reply: usize): void;
@external("tinybase:plugin/records@0.1.0", "find")
declare function recordsFind(cp: usize, cl: usize, fp: usize, fl: usize, sp: usize, sl: usize, limit: u32, reply: usize): void;
@external("tinybase:plugin/records@0.1.0", "count")
declare function recordsCount(cp: usize, cl: usize, fp: usize, fl: usize, reply: usize): void;
@external("tinybase:plugin/records@0.1.0", "create")
declare function recordsCreate(cp: usize, cl: usize, fp: usize, fl: usize, reply: usize): void;
@external("tinybase:plugin/records@0.1.0", "update")
declare function recordsUpdate(cp: usize, cl: usize, ip: usize, il: usize, fp: usize, fl: usize, reply: usize): void;
@external("tinybase:plugin/records@0.1.0", "delete")
declare function recordsDelete(cp: usize, cl: usize, ip: usize, il: usize, reply: usize): void;

/** The tenant's records, within what an admin granted. */
export namespace records {
  export function get(collection: string, id: string): Reply<Record> {
    const c = utf8(collection), i = utf8(id), at = room();
    recordsGet(ptr(c), len(c), ptr(i), len(i), at);
    return reply<Record>(at, new Record(at + 4));
  }

  /** Those that match `filter` (empty for all; texts go in by `quote`), in the order of `sort` (`-created,title`), at
   *  most `limit` (1 to 500). */
  export function find(collection: string, filter: string = "", sort: string = "", limit: u32 = 100): Reply<Record[]> {
    const c = utf8(collection), f = utf8(filter), s = utf8(sort), at = room();
    recordsFind(ptr(c), len(c), ptr(f), len(f), ptr(s), len(s), limit, at);
    const found: Record[] = [];
    if (!refused(at)) for (let i: usize = 0; i < load<usize>(at, 8); i++) found.push(new Record(load<usize>(at, 4) + i * 8));
    return reply<Record[]>(at, found);
  }

  export function count(collection: string, filter: string = ""): Reply<i64> {
    const c = utf8(collection), f = utf8(filter), at = room();
    recordsCount(ptr(c), len(c), ptr(f), len(f), at);
    return counted(at);
  }

  /** Creates a record and answers with its id. */
  export function create(collection: string, draft: Fields): Reply<string> {
    const c = utf8(collection), at = room();
    recordsCreate(ptr(c), len(c), draft.pointer, draft.length, at);
    return texted(at);
  }

  export function update(collection: string, id: string, changes: Fields): Reply<Nothing> {
    const c = utf8(collection), i = utf8(id), at = room();
    recordsUpdate(ptr(c), len(c), ptr(i), len(i), changes.pointer, changes.length, at);
    return nothing(at);
  }

  export function remove(collection: string, id: string): Reply<Nothing> {
    const c = utf8(collection), i = utf8(id), at = room();
    recordsDelete(ptr(c), len(c), ptr(i), len(i), at);
    return nothing(at);
  }

  /** A text as a literal of the rule language. */
  export function quote(text: string): string {
    return "'" + text.replaceAll("\\", "\\\\").replaceAll("'", "\\'") + "'";
  }
}

@external("tinybase:plugin/kv@0.1.0", "get")
declare function kvGet(kp: usize, kl: usize, reply: usize): void;
@external("tinybase:plugin/kv@0.1.0", "set")
declare function kvSet(kp: usize, kl: usize, vp: usize, vl: usize, ttl: u64, reply: usize): void;
@external("tinybase:plugin/kv@0.1.0", "increment")
declare function kvIncrement(kp: usize, kl: usize, delta: i64, reply: usize): void;
@external("tinybase:plugin/kv@0.1.0", "delete")
declare function kvDelete(kp: usize, kl: usize, reply: usize): void;

/** A small store of the plugin's own. */
export namespace kv {
  /** The bytes of a key; a value of null where there is none. */
  export function get(key: string): Reply<ArrayBuffer | null> {
    const k = utf8(key), at = room();
    kvGet(ptr(k), len(k), at);
    return reply<ArrayBuffer | null>(at, refused(at) || load<u8>(at, 4) == 0 ? null : takeBytes(at + 8));
  }

  /** The same as text. */
  export function getText(key: string): Reply<string | null> {
    const got = get(key);
    let text: string | null = null;
    if (!got.failed) {
      const value = got.value;
      if (value !== null) text = String.UTF8.decode(value);
    }
    return new Reply<string | null>(got.code, got.message, text);
  }

  /** Keeps a value for `ttlMs`, or with 0 until it is deleted. */
  export function set(key: string, value: ArrayBuffer, ttlMs: u64 = 0): Reply<Nothing> {
    const k = utf8(key), at = room();
    kvSet(ptr(k), len(k), ptr(value), len(value), ttlMs, at);
    return nothing(at);
  }

  export function setText(key: string, value: string, ttlMs: u64 = 0): Reply<Nothing> {
    return set(key, utf8(value), ttlMs);
  }

  /** Adds to an integer, 0 where there is none, and answers with the sum. */
  export function increment(key: string, delta: i64 = 1): Reply<i64> {
    const k = utf8(key), at = room();
    kvIncrement(ptr(k), len(k), delta, at);
    return counted(at);
  }

  export function remove(key: string): Reply<Nothing> {
    const k = utf8(key), at = room();
    kvDelete(ptr(k), len(k), at);
    return nothing(at);
  }
}

@external("tinybase:plugin/clock@0.1.0", "now-ms")
declare function clockNowMs(reply: usize): void;
@external("tinybase:plugin/random@0.1.0", "bytes")
declare function hostRandomBytes(length: u32, reply: usize): void;

/** Milliseconds since 1970, now. */
export function nowMs(): Reply<i64> {
  const at = room();
  clockNowMs(at);
  return counted(at);
}

/** 1 to 65536 bytes that nobody can foresee. */
export function randomBytes(length: u32): Reply<ArrayBuffer> {
  const at = room();
  hostRandomBytes(length, at);
  return bytes(at);
}

@external("tinybase:plugin/http-client@0.1.0", "send")
declare function httpSend(mp: usize, ml: usize, up: usize, ul: usize, hp: usize, hl: usize, bp: usize, bl: usize, ms: u32, reply: usize): void;

/** A request: `new Request("POST", url).header("x-mine", "1").body(json).send()`. */
export class Request {
  private headers: Pair[] = [];
  private content: ArrayBuffer = new ArrayBuffer(0);
  /** 0 leaves it at what the call itself may last. */
  timeoutMs: u32 = 0;

  constructor(public method: string, public url: string) {}

  header(name: string, value: string): Request {
    this.headers.push(new Pair(name, value));
    return this;
  }

  body(text: string): Request { return this.bytes(utf8(text)); }

  bytes(content: ArrayBuffer): Request {
    this.content = content;
    return this;
  }

  /** Sends it once; every answer of the server's is a response, whatever its status. */
  send(): Reply<Response> {
    const m = utf8(this.method), u = utf8(this.url), b = this.content, at = room();
    httpSend(ptr(m), len(m), ptr(u), len(u), givePairs(this.headers), this.headers.length, ptr(b), len(b), this.timeoutMs, at);
    return reply<Response>(at, new Response(at + 4));
  }
}

export class Response {
  constructor(private at: usize) {}
  get status(): u16 { return load<u16>(this.at); }
  get text(): string { return takeText(this.at + 12); }
  get bytes(): ArrayBuffer { return takeBytes(this.at + 12); }

  /** The first header of that name, in small letters; empty where there is none. */
  header(name: string): string {
    const list = load<usize>(this.at, 4);
    for (let i: usize = 0; i < load<usize>(this.at, 8); i++) {
      if (takeText(list + i * 16) == name) return takeText(list + i * 16 + 8);
    }
    return "";
  }
}

@external("tinybase:plugin/secrets@0.1.0", "placeholder")
declare function secretsPlaceholder(np: usize, nl: usize, reply: usize): void;
@external("tinybase:plugin/secrets@0.1.0", "hmac-sha256")
declare function secretsHmac(np: usize, nl: usize, mp: usize, ml: usize, reply: usize): void;

/** What an admin keeps for the plugin without showing it. */
export namespace secrets {
  /** A text that stands for the secret in requests to its hosts. */
  export function placeholder(name: string): Reply<string> {
    const n = utf8(name), at = room();
    secretsPlaceholder(ptr(n), len(n), at);
    return texted(at);
  }

  /** HMAC-SHA256 of a message under the secret. */
  export function hmacSha256(name: string, message: string): Reply<ArrayBuffer> {
    const n = utf8(name), m = utf8(message), at = room();
    secretsHmac(ptr(n), len(n), ptr(m), len(m), at);
    return bytes(at);
  }
}

@external("tinybase:plugin/mail@0.1.0", "send")
declare function mailSend(tp: usize, tl: usize, sp: usize, sl: usize, xp: usize, xl: usize, some: i32, hp: usize, hl: usize, reply: usize): void;

/** A mail to each address; `html` stands between `<body>` and `</body>`, and is made of the text where it is null. */
export function sendMail(to: string[], subject: string, text: string, html: string | null = null): Reply<Nothing> {
  const s = utf8(subject), x = utf8(text), h = utf8(html === null ? "" : html), list = heap.alloc(8), at = room();
  giveTexts(list, to);
  mailSend(load<usize>(list), to.length, ptr(s), len(s), ptr(x), len(x), html === null ? 0 : 1, ptr(h), len(h), at);
  return nothing(at);
}

@external("tinybase:plugin/realtime@0.1.0", "publish")
declare function realtimePublish(tp: usize, tl: usize, jp: usize, jl: usize, reply: usize): void;

/** Sends JSON text to everybody who is subscribed to a topic. */
export function publish(topic: string, json: string): Reply<Nothing> {
  const t = utf8(topic), j = utf8(json), at = room();
  realtimePublish(ptr(t), len(t), ptr(j), len(j), at);
  return nothing(at);
}

@external("tinybase:plugin/files@0.1.0", "read")
declare function filesRead(cp: usize, cl: usize, ip: usize, il: usize, np: usize, nl: usize, reply: usize): void;
@external("tinybase:plugin/files@0.1.0", "write")
declare function filesWrite(cp: usize, cl: usize, ip: usize, il: usize, fp: usize, fl: usize, np: usize, nl: usize, bp: usize, bl: usize, reply: usize): void;

/** The files of records. */
export namespace files {
  /** A stored file, by the name that the record's field holds. */
  export function read(collection: string, id: string, name: string): Reply<ArrayBuffer> {
    const c = utf8(collection), i = utf8(id), n = utf8(name), at = room();
    filesRead(ptr(c), len(c), ptr(i), len(i), ptr(n), len(n), at);
    return bytes(at);
  }

  /** Puts a file into a file field. */
  export function write(collection: string, id: string, field: string, name: string, content: ArrayBuffer): Reply<Nothing> {
    const c = utf8(collection), i = utf8(id), f = utf8(field), n = utf8(name), at = room();
    filesWrite(ptr(c), len(c), ptr(i), len(i), ptr(f), len(f), ptr(n), len(n), ptr(content), len(content), at);
    return nothing(at);
  }
}
