// Tinybase plugins in AssemblyScript: the contract as the canonical ABI lays it out. A hook is an exported function in
// `index.ts`, which gets the address of its call and answers with one of `unchanged()`, `change(..)`, `deny(..)`, ..;
// `host.ts` has what it may ask the host for. Memory is never given back: an instance
// lives for one call.

export {
  DEBUG, ERROR, INFO, Nothing, Pair, Reply, Request, Response, WARN, files, kv, log, logWith, nowMs, publish, randomBytes,
  records, secrets, sendMail,
} from "./host";

/** Where the host puts what it hands over. */
export function cabi_realloc(old: usize, oldLen: usize, align: usize, newLen: usize): usize {
  if (newLen == 0) return align;
  const fresh = heap.alloc(newLen);
  if (old) memory.copy(fresh, old, min(oldLen, newLen));
  return fresh;
}

const NULL: u8 = 0;
const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;
const TEXTS: u8 = 5;
const JSON: u8 = 6;

/** Bytes of a field in memory: a text, and a value of 24. */
const FIELD: usize = 32;

/** Bytes of the context that every call begins with. */
const CONTEXT: usize = 72;

export function takeText(at: usize): string {
  return String.UTF8.decodeUnsafe(load<usize>(at), load<usize>(at, 4));
}

export function giveText(at: usize, text: string): void {
  const bytes = String.UTF8.encode(text);
  store<usize>(at, changetype<usize>(bytes));
  store<usize>(at, <usize>bytes.byteLength, 4);
}

export function giveTexts(at: usize, texts: string[]): void {
  const list = heap.alloc(texts.length * 8);
  for (let i = 0; i < texts.length; i++) giveText(list + i * 8, texts[i]);
  store<usize>(at, list);
  store<usize>(at, texts.length, 4);
}

/** The circumstances of one call. */
export class Context {
  constructor(private at: usize) {}
  get tenant(): string { return takeText(this.at); }
  get collection(): string { return takeText(this.at + 8); }
  get requestId(): string { return takeText(this.at + 16); }
  get callerKind(): string { return takeText(this.at + 24); }
  get callerId(): string { return takeText(this.at + 32); }
  get callerCollection(): string { return takeText(this.at + 40); }
  get nowMs(): i64 { return load<i64>(this.at, 48); }
  get depth(): u8 { return load<u8>(this.at, 56); }
  /** JSON. */
  get config(): string { return takeText(this.at + 60); }
}

/** A record as it lies in memory. */
export class Record {
  constructor(private list: usize) {}

  private find(name: string): usize {
    const fields = load<usize>(this.list);
    const count = load<usize>(this.list, 4);
    for (let i: usize = 0; i < count; i++) {
      if (takeText(fields + i * FIELD) == name) return fields + i * FIELD + 8;
    }
    return 0;
  }

  /** The text of a field; empty where it is none. */
  text(name: string): string {
    const value = this.find(name);
    return value != 0 && load<u8>(value) == TEXT ? takeText(value + 8) : "";
  }

  boolean(name: string): bool {
    const value = this.find(name);
    return value != 0 && load<u8>(value) == BOOLEAN && load<u8>(value, 8) != 0;
  }

  /** The number of a field, whole or not; NaN where it is none. */
  number(name: string): f64 {
    const value = this.find(name);
    if (value != 0 && load<u8>(value) == INTEGER) return <f64>load<i64>(value, 8);
    return value != 0 && load<u8>(value) == NUMBER ? load<f64>(value, 8) : NaN;
  }

  /** The texts of a field; none where it has none. */
  texts(name: string): string[] {
    const value = this.find(name);
    const list: string[] = [];
    if (value == 0 || load<u8>(value) != TEXTS) return list;
    for (let i: usize = 0; i < load<usize>(value, 12); i++) list.push(takeText(load<usize>(value, 8) + i * 8));
    return list;
  }

  /** The JSON text of a field; empty where it is none. */
  json(name: string): string {
    const value = this.find(name);
    return value != 0 && load<u8>(value) == JSON ? takeText(value + 8) : "";
  }
}

/** Fields that are given to the host. */
export class Fields {
  private at: usize = heap.alloc(FIELD * 32);
  private count: usize = 0;

  private add(name: string, kind: u8): usize {
    assert(this.count < 32);
    const field = this.at + this.count++ * FIELD;
    giveText(field, name);
    store<u8>(field, kind, 8);
    return field + 16;
  }

  text(name: string, text: string): Fields {
    giveText(this.add(name, TEXT), text);
    return this;
  }

  texts(name: string, list: string[]): Fields {
    giveTexts(this.add(name, TEXTS), list);
    return this;
  }

  json(name: string, json: string): Fields {
    giveText(this.add(name, JSON), json);
    return this;
  }

  integer(name: string, integer: i64): Fields {
    store<i64>(this.add(name, INTEGER), integer);
    return this;
  }

  number(name: string, number: f64): Fields {
    store<f64>(this.add(name, NUMBER), number);
    return this;
  }

  boolean(name: string, truth: bool): Fields {
    store<u8>(this.add(name, BOOLEAN), truth ? 1 : 0);
    return this;
  }

  nothing(name: string): Fields {
    this.add(name, NULL);
    return this;
  }

  get pointer(): usize { return this.at; }
  get length(): usize { return this.count; }
}

function answer(): usize {
  const at = heap.alloc(20);
  memory.fill(at, 0, 20);
  return at;
}

/** A before-hook has nothing against the write. */
export function unchanged(): usize {
  return answer();
}

/** A before-hook changes these fields. */
export function change(fields: Fields): usize {
  const at = answer();
  store<usize>(at, fields.pointer, 4);
  store<usize>(at, fields.length, 8);
  return at;
}

/** What is wrong with one field. */
export class FieldError {
  constructor(public field: string, public code: string, public message: string) {}
}

// The list of some errors, and its length beside it.
function giveErrors(at: usize, errors: FieldError[]): void {
  const list = heap.alloc(errors.length * 24);
  for (let i = 0; i < errors.length; i++) {
    giveText(list + i * 24, errors[i].field);
    giveText(list + i * 24 + 8, errors[i].code);
    giveText(list + i * 24 + 16, errors[i].message);
  }
  store<usize>(at, list);
  store<usize>(at, errors.length, 4);
}

/** Refuses the write with an error on a field. */
export function refuse(field: string, code: string, message: string): usize {
  return refuseAll([new FieldError(field, code, message)]);
}

/** Refuses the write with errors on several fields. */
export function refuseAll(errors: FieldError[]): usize {
  const at = answer();
  store<u8>(at, 1);
  giveErrors(at + 8, errors);
  return at;
}

/** Refuses the write with a status from 400 to 499. */
export function deny(status: u16, message: string): usize {
  const at = answer();
  store<u8>(at, 1);
  store<u8>(at, 1, 4);
  store<u16>(at, status, 8);
  giveText(at + 12, message);
  return at;
}

/** What a validator finds, all at once; of none the draft is fine. */
export function findings(errors: FieldError[]): usize {
  const at = answer();
  store<u8>(at, errors.length > 0 ? 1 : 0);
  giveErrors(at + 4, errors);
  return at;
}

/** What else a token tells. */
export function claim(fields: Fields): usize {
  return change(fields);
}

/** An after-hook has done its work. */
export function done(): usize {
  return answer();
}

/** The event is to be tried again; a schedule has failed. */
export function later(why: string): usize {
  const at = answer();
  store<u8>(at, 1);
  giveText(at + 4, why);
  return at;
}

export function contextOf(call: usize): Context { return new Context(call); }

/** The first list of fields of a call before a write. */
export function first(call: usize): Record { return new Record(call + CONTEXT); }

/** The draft of an update. */
export function second(call: usize): Record { return new Record(call + CONTEXT + 8); }

/** The id of an event, and the records behind it. */
export function eventOf(call: usize): string { return takeText(call + CONTEXT); }
export function firstOfEvent(call: usize): Record { return new Record(call + CONTEXT + 8); }
export function secondOfEvent(call: usize): Record { return new Record(call + CONTEXT + 16); }

/** The name of a schedule. */
export function scheduleOf(call: usize): string { return takeText(call + CONTEXT); }

/** The way to sign in, and the record that does. */
export function methodOf(call: usize): string { return takeText(call + CONTEXT); }
export function signedIn(call: usize): Record { return new Record(call + CONTEXT + 8); }
