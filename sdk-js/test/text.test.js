// The SDK with what stands between it and the contract in a component: parameters as the host lays them into memory, and
// the answer as it finds it there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bind, deny, refuse } from "../index.js";

const file = new URL("../../host/src/plugins/wrap/text.wasm", import.meta.url);
const compiled = new WebAssembly.Module(readFileSync(file));
const KINDS = ["null", "boolean", "integer", "number", "text", "texts", "json", "other"];

/** Memory with the functions of `text.c` beside it, and what it takes to write and read the types of the contract. */
function border() {
  const memory = new WebAssembly.Memory({ initial: 64 });
  let free = 8;
  const room = (bytes) => {
    const at = free;
    free = (free + bytes + 7) & ~7;
    return at;
  };
  const cabi_realloc = (_old, _length, _align, bytes) => room(bytes);
  const { ask, answer, errors } = new WebAssembly.Instance(compiled, { env: { memory, cabi_realloc } }).exports;
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

  /** Calls a hook as the host does, and answers with where its answer is. */
  const call = (hook, texts, records, config = "", finish = answer) => {
    const at = room(72 + 8 * (texts.length + records.length));
    ["t", "posts", 'r"1', "user", "u1", "users"].forEach((text, index) => putText(at + 8 * index, text));
    view.setBigInt64(at + 48, 1_769_860_800_000n, true);
    view.setUint8(at + 56, 2);
    putText(at + 60, config);
    texts.forEach((text, index) => putText(at + 72 + 8 * index, text));
    records.forEach((record, index) => putRecord(at + 72 + 8 * (texts.length + index), record));
    const both = ask(at, texts.length, records.length);
    const back = room(8);
    putText(back, hook(textAt(both), textAt(both + 8)));
    return finish(back);
  };
  const fieldsAt = (at) => Object.fromEntries(listAt(at + 4, 32, (at) => [textAt(at), valueAt(at + 8)]));
  const mistakesAt = (at) => listAt(at, 24, (at) => [textAt(at), textAt(at + 8), textAt(at + 16)]);
  return { call, answer, errors, putText, room, fieldsAt, mistakesAt, textAt, word, byte: (at) => view.getUint8(at) };
}

const given = {
  nothing: ["null"], yes: ["boolean", true], no: ["boolean", false],
  least: ["integer", -(2n ** 63n)], five: ["integer", 5n],
  half: ["number", -12.5], whole: ["number", -3], many: ["number", 2 ** 53], tiny: ["number", 5e-324], minus: ["number", -0], endless: ["number", -Infinity],
  text: ["text", 'a "quoted" \\ line\n\u0001\u001f\u007f, ümläut, 日本, 😀 and more than eight bytes of it'], empty: ["text", ""],
  controls: ["text", Array.from({ length: 40 }, (_, code) => String.fromCharCode(code)).join("")],
  texts: ["texts", ["a", "", 'b"', "日本 😀"]], none: ["texts", []],
  json: ["json", '{"a":[1,2.5,null,"ü\\n"]}'], odd: ["other", ["later", [0, 7, 255]]],
};
const seen = {
  nothing: null, yes: true, no: false, least: -(2 ** 63), five: 5,
  half: -12.5, whole: -3, many: 2 ** 53, tiny: 5e-324, minus: -0, endless: -Infinity,
  text: given.text[1], empty: "", controls: given.controls[1], texts: given.texts[1], none: [],
  json: { a: [1, 2.5, null, "ü\n"] }, odd: ["later", Uint8Array.of(0, 7, 255)],
};

test("a record of every kind of value is seen as it is, and nothing of it goes back", () => {
  const { call, fieldsAt, byte } = border();
  let found;
  const hook = bind({ beforeUpdate: (ctx, original, draft) => void (found = [{ ...ctx }, { ...original }, { ...draft }]) })("beforeUpdate");
  const at = call(hook, [], [given, given], '{"max":3}');
  const ctx = {
    tenant: "t", collection: "posts", requestId: 'r"1', caller: { kind: "user", id: "u1", collection: "users" },
    nowMs: 1_769_860_800_000, depth: 2, config: { max: 3 },
  };
  assert.deepEqual(found, [ctx, seen, seen]);
  assert.deepEqual([byte(at), fieldsAt(at)], [0, {}]);
});

test("what a hook writes is what the host finds", () => {
  const { call, fieldsAt, byte } = border();
  const values = {
    nothing: null, yes: true, half: -0.1, big: -(2n ** 63n), text: "ü😀日本\u0000,", empty: "", texts: ["", "😀,", "3,"], json: [{ a: "😀" }], more: 5,
  };
  const write = (_ctx, draft) => {
    Object.assign(draft, values);
    draft.same = "same";
    draft.kept.push(1);
  };
  const at = call(bind({ beforeCreate: write })("beforeCreate"), [], [{ same: ["text", "same"], kept: ["json", "[0]"], more: ["json", "4"] }]);
  assert.equal(byte(at), 0);
  assert.deepEqual(fieldsAt(at), {
    kept: ["json", "[0,1]"], more: ["json", "5"],
    nothing: ["null", null], yes: ["boolean", true], half: ["number", -0.1], big: ["integer", -(2n ** 63n)], text: ["text", values.text],
    empty: ["text", ""], texts: ["texts", values.texts], json: ["json", '[{"a":"😀"}]'],
  });
});

test("refusals and failures are where the contract has them", () => {
  const { call, errors, mistakesAt, textAt, word, byte } = border();
  const hooks = bind({
    beforeCreate: () => refuse("title", "blank", "Leer, ü."),
    beforeDelete: () => deny(403, "No 😀."),
    validate: (_ctx, _draft, errors) => (errors.add("a", "b", "c"), errors.add("d", "e", "")),
    afterCreate: (_ctx, event) => { throw new Error(`${event} failed`); },
    scheduled: () => {},
  });
  let at = call(hooks("beforeCreate"), [], [{}]);
  assert.deepEqual([byte(at), byte(at + 4), mistakesAt(at + 8)], [1, 0, [["title", "blank", "Leer, ü."]]]);
  at = call(hooks("beforeDelete"), [], [{}]);
  assert.deepEqual([byte(at), byte(at + 4), word(at + 8), textAt(at + 12)], [1, 1, 403, "No 😀."]);
  at = call(hooks("validate"), [], [{}], "", errors);
  assert.deepEqual([byte(at), mistakesAt(at + 4)], [1, [["a", "b", "c"], ["d", "e", ""]]]);
  at = call(hooks("afterCreate"), ["event 😀"], [{}]);
  assert.deepEqual([byte(at), textAt(at + 4)], [1, "event 😀 failed"]);
  assert.equal(byte(call(hooks("scheduled"), ["nightly"], [])), 0);
});

test("an answer that is none ends the call", () => {
  const { answer, errors, putText, room } = border();
  for (const words of ["", "X", "F", "F1", "F1,", "F1,4,a", "F1,1,a", "F1,1,ax", "F1,1,at5,abc", "F1,1,at1,😀", "F9999,", "F1,1,al99999,", "I2,1,a1,b1,c", "S4,abc"]) {
    const at = room(8);
    putText(at, words);
    assert.throws(() => answer(at), WebAssembly.RuntimeError, words);
    assert.throws(() => errors(at), WebAssembly.RuntimeError, words);
  }
  // A validator has a list of errors, and nobody else has.
  for (const [words, finish, other] of [["E0,", errors, answer], ["I0,", answer, errors], ["D403,1,a", answer, errors], ["S1,a", answer, errors], ["F0,", answer, errors]]) {
    const at = room(8);
    putText(at, words);
    finish(at);
    assert.throws(() => other(at), WebAssembly.RuntimeError, words);
  }
});
