// How a hook's parameters reach the engine: it is told where they lie, and asks for what it needs of them. So a hook pays for what it
// looks at, however much there is. `host/src/plugins/wrap/text.c` has the other side; what goes out is in `answer.js`.
//
// A field comes as a text. If that begins with the character 1, it is no text but, by the letter behind it: "z" null, "y" and "n" true and
// false, "i" a number as it is spelled, "d" one by its bits, and as JSON "j" what is JSON, "l" a list of texts, "o" a kind of value that is
// not known here; "t" a text all the same, and no letter if there is no such field. All fields come as a JSON list of a record and, for
// what JSON does not tell, `[field, kind, ..]` of "j", "l", "o" and "d".

const MARK = "\u0001";
// Greater than whatever begins with a mark.
const MARKED = "\u0002";

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer);

/** The two halves of a number. */
export function halvesOf(number) {
  float[0] = number;
  return bits;
}

function numberOf(low, high) {
  bits[0] = low;
  bits[1] = high;
  return float[0];
}

function otherOf([kind, ...bytes]) {
  return [kind, Uint8Array.from(bytes)];
}

// Who answers, and where the parameters are: those of the call, of which there is one at a time. So what stands before its objects is
// there once as well: whatever is made for a call costs every call.
let asked = null;
let place = 0;
// What stands before objects that were read whole.
let spent = [];

// Reads all of an object; from then on it is one like any other.
function whole(handler, read) {
  let known = null;
  for (const name in read) {
    known ??= { __proto__: null };
    known[name] = read[name];
    delete read[name];
  }
  handler.all(read);
  if (known !== null) Object.assign(read, known);
  Object.setPrototypeOf(read, Object.prototype);
  spent[spent.length] = handler;
  Object.setPrototypeOf(handler, handler.afterwards);
  return read;
}

/** What stands before an object for as long as not all of it was read. */
const reading = {
  get(read, name) {
    const known = read[name];
    if (known !== undefined || name in read) return known;
    // Who asks for this wants all of it.
    if (name === "toJSON") return whole(this, read)[name];
    const value = typeof name === "string" ? this.one(name) : undefined;
    if (value !== undefined) return (read[name] = value);
    return name in Object.prototype ? whole(this, read)[name] : undefined;
  },
  has(read, name) {
    return name in whole(this, read);
  },
  ownKeys(read) {
    return Reflect.ownKeys(whole(this, read));
  },
  getOwnPropertyDescriptor(read, name) {
    return Reflect.getOwnPropertyDescriptor(whole(this, read), name);
  },
  defineProperty(read, name, how) {
    return Reflect.defineProperty(whole(this, read), name, how);
  },
  deleteProperty(read, name) {
    return Reflect.deleteProperty(whole(this, read), name);
  },
  getPrototypeOf(read) {
    return Reflect.getPrototypeOf(whole(this, read));
  },
  setPrototypeOf(read, prototype) {
    return Reflect.setPrototypeOf(whole(this, read), prototype);
  },
  // What is read later could not be put into it any more.
  preventExtensions(read) {
    return Reflect.preventExtensions(whole(this, read));
  },
};

// The texts of a context in their order; its configuration is behind them, and then the parameters that are texts.
const PARAMETERS = 7;

function words(part) {
  return asked.words(place, part);
}

const parts = {
  __proto__: null,
  tenant: () => words(0),
  collection: () => words(1),
  requestId: () => words(2),
  caller: () => ({ kind: words(3), id: words(4), collection: words(5) }),
  nowMs: () => asked.nowMs(place),
  depth: () => asked.depth(place),
  config: () => JSON.parse(words(6) || "{}"),
};

const circumstances = {
  ...reading,
  one: (name) => parts[name]?.(),
  all(read) {
    for (const name in parts) read[name] = parts[name]();
  },
};

const ofContext = { __proto__: circumstances, beforehand: circumstances, afterwards: { __proto__: null } };

const record = {
  ...reading,
  // As of all objects, but for a call less.
  get(read, name) {
    const known = read[name];
    if (known !== undefined || name in read) return known;
    if (typeof name === "string" && name !== "toJSON") {
      const words = asked.field(place, this.parameter, name);
      // Most texts, and quicker than to look at their first character.
      const value = words >= MARKED ? words : this.value(name, words);
      if (value !== undefined) return (read[name] = value);
    }
    return name === "toJSON" || name in Object.prototype ? whole(this, read)[name] : undefined;
  },
  one(name) {
    return record.value.call(this, name, asked.field(place, this.parameter, name));
  },
  value(name, words) {
    if (words[0] !== MARK) return words;
    const rest = words.slice(2);
    switch (words[1]) {
      case "z":
        return null;
      case "y":
        return true;
      case "n":
        return false;
      case "i":
        return +rest;
      case "t":
        return rest;
      case "d":
        return numberOf(...rest.split(","));
      case "j":
      case "l":
        return this.note(name, words[1], JSON.parse(rest));
      case "o":
        return this.note(name, "o", otherOf(JSON.parse(rest)));
    }
  },
  all(read) {
    const given = JSON.parse(asked.fields(place, this.parameter));
    const fields = given[0];
    for (let at = 1; at < given.length; at++) {
      const [name, kind, low, high] = given[at];
      if (kind === "d") fields[name] = numberOf(low, high);
      else this.note(name, kind, kind === "o" ? (fields[name] = otherOf(fields[name])) : fields[name]);
    }
    Object.assign(read, fields);
  },
  note: (_name, _kind, value) => value,
};

// By which parameter it is.
const ofRecords = [0, 1, 2].map((parameter) => ({ __proto__: record, beforehand: record, afterwards: { __proto__: null }, parameter }));

/** The fields of the draft that were written, and those that may be changed without that: JSON. The first, and a list of the others. Most
 * hooks write one, and a list costs them more than that. */
export let first = null;
export let others = null;
/** The draft as it is now, but for what nobody has read. */
export let written = null;
// Of JSON, its kind and what it was.
let json = null;

function touch(name) {
  if (first === null) first = name;
  else if (first !== name && !(others ??= []).includes(name)) others[others.length] = name;
}

const writing = {
  __proto__: null,
  set(read, name, value) {
    if (typeof name === "string" && first !== name) touch(name);
    read[name] = value;
    return true;
  },
  defineProperty(read, name, how) {
    if (typeof name === "string") touch(name);
    return Reflect.defineProperty(read, name, how);
  },
};

const draft = {
  ...record,
  set: writing.set,
  defineProperty(read, name, how) {
    return writing.defineProperty(whole(this, read), name, how);
  },
  note(name, kind, value) {
    json ??= { __proto__: null };
    json[name] ??= kind + JSON.stringify(value);
    touch(name);
    return value;
  },
};

const ofDrafts = [0, 1].map((parameter) => ({ __proto__: draft, beforehand: draft, afterwards: writing, parameter }));

let context = { nowMs: 0 };
let records = null;
let drafts = null;
let targets = null;
let ofDraft = null;
// Whether the objects of a call are there, and nobody has had them.
let fresh = false;

/** When the call began; 0 before there is one, without asking: the context would keep the answer. */
export function nowMs() {
  return fresh ? 0 : context.nowMs;
}

/** Makes the objects of the next call. An instance lives for one, and begins with what was made before the snapshot. */
export function prepare() {
  for (; spent.length > 0; spent.length--) Object.setPrototypeOf(spent[spent.length - 1], spent[spent.length - 1].beforehand);
  // Without a prototype, so that nothing is in them but what was read.
  context = new Proxy({ __proto__: null }, ofContext);
  records = ofRecords.map((handler) => new Proxy({ __proto__: null }, handler));
  targets = ofDrafts.map(() => ({ __proto__: null }));
  drafts = ofDrafts.map((handler, at) => new Proxy(targets[at], handler));
  first = others = json = written = null;
  fresh = true;
}

/** Begins a call: whom to ask, and about what. Answers with its context. */
export function begin(functions, at) {
  if (!fresh) prepare();
  fresh = false;
  asked = functions;
  place = at;
  return context;
}

/** A parameter that is a text; the first is 0. */
export function textAt(parameter) {
  return words(PARAMETERS + parameter);
}

/** A parameter that is a record. */
export function recordAt(parameter) {
  return records[parameter];
}

/** A record that the hook may change. */
export function draftAt(parameter) {
  ofDraft = ofDrafts[parameter];
  written = targets[parameter];
  return drafts[parameter];
}

/** Whether what was written is taken for another text without a look at what was there: the other side has that at hand, and sees it
 * better. JSON that somebody has read stays JSON. */
export function isPlain(value) {
  return typeof value === "string" && json === null;
}

/** Whether a field that was touched may have another value now. */
export function isAnother(name, value) {
  if (value === undefined) return false;
  if (kindOf(name) === undefined && typeof value !== "string" && draft.one.call(ofDraft, name) === value) return false;
  const kind = kindOf(name);
  return kind === undefined || json[name] !== kind + JSON.stringify(value);
}

/** The kind of a field of the draft that is known to be JSON. */
export function kindOf(name) {
  return json === null ? undefined : json[name]?.[0];
}
