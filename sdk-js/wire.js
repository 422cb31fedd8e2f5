// How a hook's parameters reach the engine, and its answer the host: as texts, since the engine makes objects of a text by itself
// at a fraction of what it takes to hand them over one by one. `host/src/plugins/wrap/text.c` has the other side.
//
// In come the context, a JSON list in the order below, and a JSON list of the other parameters: texts, records as objects, and behind
// them what JSON does not tell, `[parameter, field, kind, ..]`: "j" for JSON, "l" for a list of texts, "n" for a number that JSON would
// not spell exactly, with its bits, "o" for a kind of value that is not known here.
//
// Out goes a letter and what belongs to it: "U" for nothing, "F" for fields, "I" for errors on fields, "D" for a refusal with a status,
// "E" for the errors of a validator, "S" for a failure. Numbers end in a comma, and texts begin with their length.

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer);

const unread = Symbol("unread");

/** A context once somebody asks for a part of it. */
function read(target) {
  const text = target[unread];
  if (text === undefined) return target;
  delete target[unread];
  const [tenant, collection, requestId, kind, id, of, nowMs, depth, config] = JSON.parse(text);
  return Object.assign(target, { tenant, collection, requestId, caller: { kind, id, collection: of }, nowMs, depth, config });
}

const reading = {
  get: (target, name) => read(target)[name],
  has: (target, name) => name in read(target),
  set: (target, name, value) => Reflect.set(read(target), name, value),
  ownKeys: (target) => Reflect.ownKeys(read(target)),
  getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(read(target), name),
  defineProperty: (target, name, how) => Reflect.defineProperty(read(target), name, how),
  deleteProperty: (target, name) => Reflect.deleteProperty(read(target), name),
  // What is read later could not be put into it any more.
  preventExtensions: (target) => Reflect.preventExtensions(read(target)),
};

// That of the call, of which there is one at a time.
let context = { nowMs: 0 };

/** When the call began. */
export function nowMs() {
  return context.nowMs;
}

/** The circumstances of a call. */
export function contextOf(text) {
  context = new Proxy({ [unread]: text }, reading);
  return context;
}

/** The other parameters, and in `kinds` those of the fields of the last record that are not what they look like. */
export function parametersOf(text, count) {
  const given = JSON.parse(text);
  let kinds = null;
  for (let at = count; at < given.length; at++) {
    const [parameter, name, kind, low, high] = given[at];
    const record = given[parameter];
    if (kind === "n") {
      bits[0] = low;
      bits[1] = high;
      record[name] = float[0];
    } else if (kind === "o") {
      const [tag, ...bytes] = record[name];
      record[name] = [tag, Uint8Array.from(bytes)];
    }
    if (parameter === count - 1 && kind !== "n") (kinds ??= { __proto__: null })[name] = kind;
  }
  return { given, kinds };
}

// The draft of the call, and what was in the fields that were written since. There is one call at a time, and one draft in it.
let draft = null;
let before = null;

function write(target, name) {
  if (target === draft && !(name in before)) before[name] = target[name];
}

const writing = {
  set(target, name, value) {
    write(target, name);
    target[name] = value;
    return true;
  },
  defineProperty(target, name, how) {
    write(target, name);
    return Reflect.defineProperty(target, name, how);
  },
};

/** A record that remembers what is changed of it. */
export function draftOf(values, kinds) {
  draft = values;
  before = { __proto__: null };
  // These may be changed without being written.
  for (const name in kinds) before[name] = JSON.stringify(values[name]);
  return new Proxy(values, writing);
}

/** The fields of the draft that were changed, for the host. */
export function changesOf(kinds) {
  let [count, fields] = [0, ""];
  for (const name in before) {
    const value = draft[name];
    const kind = kinds?.[name];
    if (value === undefined || before[name] === (kind ? JSON.stringify(value) : value)) continue;
    const written = field(name, value, kind);
    if (written === "") continue;
    count++;
    fields += written;
  }
  return `F${count},${fields}`;
}

/** All fields of an object. */
export function fieldsOf(values) {
  let [count, fields] = [0, ""];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const written = field(name, value);
    if (written === "") continue;
    count++;
    fields += written;
  }
  return `F${count},${fields}`;
}

export function mistakes(letter, errors) {
  let out = `${letter}${errors.length},`;
  for (const { field, code, message } of errors) out += text(field) + text(code) + text(message);
  return out;
}

export function refusal(refused) {
  if (refused.tag === "invalid") return mistakes("I", refused.val);
  const [status, message] = refused.val;
  return `D${status & 0xffff},${text(message)}`;
}

export function failure(words) {
  return `S${text(words)}`;
}

function text(words) {
  const whole = `${words}`;
  return `${whole.length},${whole}`;
}

// `was` is the kind of the field before, which decides where a value could be of several. What cannot be stored, such as a
// function, is left out, as JSON does.
function field(name, value, was) {
  const head = `${name.length},${name}`;
  if (typeof value === "string" && was !== "j") return `${head}t${value.length},${value}`;
  const written = special(value, was);
  return written === "" ? "" : head + written;
}

function special(value, was) {
  if (was === "j") return json(value);
  if (value === null) return "z";
  switch (typeof value) {
    case "boolean":
      return value ? "b1," : "b0,";
    case "number":
      float[0] = value;
      return `n${bits[0]},${bits[1]},`;
    case "bigint":
      return `i${BigInt.asUintN(32, value)},${BigInt.asUintN(32, value >> 32n)},`;
  }
  if (value instanceof Date) return `t${text(value.toISOString().replace("T", " "))}`;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return `l${value.length},${value.map(text).join("")}`;
  }
  return json(value);
}

function json(value) {
  const whole = JSON.stringify(value);
  return whole === undefined ? "" : `j${text(whole)}`;
}
