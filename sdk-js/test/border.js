// What stands between the SDK and the contract in a component, `host/src/plugins/wrap/text.c`, for tests: parameters as the host lays them
// into memory, and the answer as it finds it there.

import { readFileSync } from "node:fs";
import { bind } from "../index.js";

const file = new URL("../../host/src/plugins/wrap/text.wasm", import.meta.url);
const compiled = new WebAssembly.Module(readFileSync(file));
const KINDS = ["null", "boolean", "integer", "number", "text", "texts", "json", "other"];

/** Memory with the functions of `text.c` beside it, and what it takes to write and read the types of the contract. */
export function border() {
  const memory = new WebAssembly.Memory({ initial: 64 });
  let free = 8;
  const room = (bytes) => {
    const at = free;
    free = (free + bytes + 7) & ~7;
    return at;
  };
  const cabi_realloc = (_old, _length, _align, bytes) => room(bytes);
  const functions = new WebAssembly.Instance(compiled, { env: { memory, cabi_realloc } }).exports;
  const view = new DataView(memory.buffer);
  const word = (at) => view.getUint32(at, true);
  const bytesAt = (at) => new Uint8Array(memory.buffer, word(at), word(at + 4));
  const textAt = (at) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesAt(at));
  const listAt = (at, size, item) => Array.from({ length: word(at + 4) }, (_, index) => item(word(at) + size * index));

  const putList = (at, items, size, put) => {
    const first = room(size * items.length + 1);
    items.forEach((item, index) => put(first + size * index, item));
    view.setUint32(at, first, true);
    view.setUint32(at + 4, items.length, true);
  };
  const putBytes = (at, bytes) => putList(at, [...bytes], 1, (at, byte) => view.setUint8(at, byte));
  const putText = (at, text) => putBytes(at, new TextEncoder().encode(text));
  const putValue = (at, [kind, value]) => {
    view.setUint8(at, KINDS.indexOf(kind));
    const put = {
      null: () => {},
      boolean: () => view.setUint8(at + 8, value ? 1 : 0),
      integer: () => view.setBigInt64(at + 8, value, true),
      number: () => view.setFloat64(at + 8, value, true),
      text: () => putText(at + 8, value),
      json: () => putText(at + 8, value),
      texts: () => putList(at + 8, value, 8, putText),
      other: () => (putText(at + 8, value[0]), putBytes(at + 16, value[1])),
    };
    put[kind]();
  };
  const putRecord = (at, fields) =>
    putList(at, Object.entries(fields), 32, (at, [name, value]) => (putText(at, name), putValue(at + 8, value)));

  const valueAt = (at) => {
    const kind = KINDS[view.getUint8(at)];
    const read = {
      null: () => null,
      boolean: () => view.getUint8(at + 8) === 1,
      integer: () => view.getBigInt64(at + 8, true),
      number: () => view.getFloat64(at + 8, true),
      text: () => textAt(at + 8),
      json: () => textAt(at + 8),
      texts: () => listAt(at + 8, 8, textAt),
    };
    return [kind, read[kind]()];
  };

  // What the SDK asks of the other side; `words` and such hand over where their answer is.
  const handedOver = (ask) => (...given) => {
    const to = room(8);
    ask(...given, to);
    return textAt(to);
  };
  const text = handedOver(functions.words);
  const field = handedOver(functions.field);
  const fields = handedOver(functions.fields);
  const asked = {
    words: (call, part) => text(call, part),
    nowMs: functions["now-ms"],
    depth: functions.depth,
    field(call, parameter, name) {
      const at = room(8);
      putText(at, name);
      return field(call, parameter, word(at), word(at + 4));
    },
    fields: (call, parameter) => fields(call, parameter),
  };

  /** Calls a hook as the host does, and answers with where its answer is; `draft` is which parameter that is, where there is one. */
  const call = (hook, texts, records, config = "", draft = null) => {
    const at = room(72 + 8 * (texts.length + records.length));
    ["t", "posts", 'r"1', "user", "u1", "users"].forEach((text, index) => putText(at + 8 * index, text));
    view.setBigInt64(at + 48, 1_769_860_800_000n, true);
    view.setUint8(at + 56, 2);
    putText(at + 60, config);
    texts.forEach((text, index) => putText(at + 72 + 8 * index, text));
    records.forEach((record, index) => putRecord(at + 72 + 8 * (texts.length + index), record));
    const back = room(8);
    putText(back, hook(at));
    if (word(back + 4) > 0 && view.getUint8(word(back)) === "E".charCodeAt(0)) return functions.errors(back);
    return draft === null ? functions.answer(back) : functions.changes(back, at, draft);
  };
  const fieldsAt = (at) => Object.fromEntries(listAt(at + 4, 32, (at) => [textAt(at), valueAt(at + 8)]));
  const mistakesAt = (at) => listAt(at, 24, (at) => [textAt(at), textAt(at + 8), textAt(at + 16)]);
  return { asked, call, functions, putText, room, fieldsAt, mistakesAt, textAt, word, byte: (at) => view.getUint8(at) };
}

function typed(value) {
  if (value === null) return ["null"];
  if (typeof value === "boolean") return ["boolean", value];
  if (typeof value === "number") return ["number", value];
  if (typeof value === "string") return ["text", value];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return ["texts", value];
  return ["json", JSON.stringify(value)];
}

const DRAFTS = { beforeCreate: 0, beforeUpdate: 1 };

/**
 * Calls a hook of a plugin with texts and records, plain objects, and answers with what the host hears: `["fields", {..}]`,
 * `["invalid", [..]]`, `["denied", [status, message]]`, `["errors", [..]]`, `["failed", words]`, or `["nothing"]`.
 */
export function run(plugin, name, parameters, { config = '{"max":3}', log } = {}) {
  const { asked, call, fieldsAt, mistakesAt, textAt, word, byte } = border();
  const texts = parameters.filter((one) => typeof one === "string");
  const records = parameters
    .filter((one) => typeof one !== "string")
    .map((record) => Object.fromEntries(Object.entries(record).map(([field, value]) => [field, typed(value)])));
  let said;
  const hook = bind(plugin, asked, log)(name);
  const at = call((place) => (said = hook(place)), texts, records, config, DRAFTS[name] ?? null);
  switch (said[0]) {
    case "F":
    case "T":
      return ["fields", Object.fromEntries(Object.entries(fieldsAt(at)).map(([field, [kind, value]]) => [field, kind === "json" ? { json: value } : value]))];
    case "I":
      return ["invalid", mistakesAt(at + 8)];
    case "D":
      return ["denied", [word(at + 8), textAt(at + 12)]];
    case "E":
      return ["errors", mistakesAt(at + 4)];
    case "S":
      return ["failed", textAt(at + 4)];
    default:
      return byte(at) === 0 ? ["nothing"] : ["broken"];
  }
}
