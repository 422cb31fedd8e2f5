// The SDK with what stands between it and the contract in a component.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bind, deny, refuse } from "../index.js";
import { border } from "./border.js";

const given = {
  nothing: ["null"], yes: ["boolean", true], no: ["boolean", false],
  least: ["integer", -(2n ** 63n)], five: ["integer", 5n],
  half: ["number", -12.5], whole: ["number", -3], many: ["number", 2 ** 53], tiny: ["number", 5e-324], minus: ["number", -0], endless: ["number", -Infinity],
  text: ["text", 'a "quoted" \\ line\n\u0001\u001f\u007f, ümläut, 日本, 😀 and more than eight bytes of it'], empty: ["text", ""],
  controls: ["text", Array.from({ length: 40 }, (_, code) => String.fromCharCode(code)).join("")],
  marked: ["text", "\u0001z"], texts: ["texts", ["a", "", 'b"', "日本 😀"]], none: ["texts", []],
  json: ["json", '{"a":[1,2.5,null,"ü\\n"]}'], odd: ["other", ["later", [0, 7, 255]]],
};
const seen = {
  nothing: null, yes: true, no: false, least: -(2 ** 63), five: 5,
  half: -12.5, whole: -3, many: 2 ** 53, tiny: 5e-324, minus: -0, endless: -Infinity,
  text: given.text[1], empty: "", controls: given.controls[1], marked: "\u0001z", texts: given.texts[1], none: [],
  json: { a: [1, 2.5, null, "ü\n"] }, odd: ["later", Uint8Array.of(0, 7, 255)],
};

test("a record of every kind of value is seen as it is, and nothing of it goes back", () => {
  const { asked, call, fieldsAt, byte } = border();
  let found;
  let single;
  const look = (ctx, original, draft) => {
    single = Object.fromEntries(Object.keys(given).map((name) => [name, draft[name]]));
    assert.equal(draft.absent, undefined);
    found = [{ ...ctx }, { ...original }, { ...draft }];
  };
  const hook = bind({ beforeUpdate: look }, asked)("beforeUpdate");
  const at = call(hook, [], [given, given], '{"max":3}', 1);
  const ctx = {
    tenant: "t", collection: "posts", requestId: 'r"1', caller: { kind: "user", id: "u1", collection: "users" },
    nowMs: 1_769_860_800_000, depth: 2, config: { max: 3 },
  };
  assert.deepEqual(single, seen);
  assert.deepEqual(found, [ctx, seen, seen]);
  assert.deepEqual([byte(at), fieldsAt(at)], [0, {}]);
});

test("what a hook writes is what the host finds", () => {
  const { asked, call, fieldsAt, byte } = border();
  const values = {
    nothing: null, yes: true, half: -0.1, big: -(2n ** 63n), text: "ü😀日本\u0000,", empty: "", texts: ["", "😀,", "3,"], json: [{ a: "😀" }], more: 5,
  };
  const write = (_ctx, draft) => {
    Object.assign(draft, values);
    draft.same = "same";
    draft.kept.push(1);
    // Nobody has looked at these, which are JSON.
    draft.said = "x";
    draft.name = 'a "name"';
  };
  const at = call(bind({ beforeCreate: write }, asked)("beforeCreate"), [], [
    { same: ["text", "same"], kept: ["json", "[0]"], more: ["json", "4"], said: ["json", '"x"'], name: ["json", "1"] },
  ], "", 0);
  assert.equal(byte(at), 0);
  assert.deepEqual(fieldsAt(at), {
    kept: ["json", "[0,1]"], more: ["json", "5"], name: ["json", '"a \\"name\\""'],
    nothing: ["null", null], yes: ["boolean", true], half: ["number", -0.1], big: ["integer", -(2n ** 63n)], text: ["text", values.text],
    empty: ["text", ""], texts: ["texts", values.texts], json: ["json", '[{"a":"😀"}]'],
  });
});

test("a hook that writes one text is told apart from the others", () => {
  const { asked, call, fieldsAt } = border();
  const given = { same: ["text", "ü"], said: ["json", '"x"'], other: ["json", "1"] };
  const written = (write) => fieldsAt(call(bind({ beforeCreate: (_ctx, draft) => void write(draft) }, asked)("beforeCreate"), [], [given], "", 0));
  for (const value of ["", "a", "ü😀\u0000,1,at1,x"]) {
    assert.deepEqual(written((draft) => (draft["näm\u0000e,😀"] = value)), { "näm\u0000e,😀": ["text", value] });
    assert.deepEqual(written((draft) => (draft[""] = value)), { "": ["text", value] });
  }
  // Half a character in the name and half a one in the value are no character.
  assert.deepEqual(written((draft) => (draft["a\ud83d"] = "\ude00")), { "a\ufffd": ["text", "\ufffd"] });
  assert.deepEqual(written((draft) => (draft.same = "ü")), {});
  assert.deepEqual(written((draft) => (draft.said = "x")), {});
  assert.deepEqual(written((draft) => (draft.said = "y")), { said: ["json", '"y"'] });
  assert.deepEqual(written((draft) => ((draft.new = "a"), (draft.new = "b"))), { new: ["text", "b"] });
  assert.deepEqual(written((draft) => ((draft.new = "a"), draft.other, (draft.new = "b"))), { new: ["text", "b"] });
  assert.deepEqual(written((draft) => ((draft.new = "a"), delete draft.new)), {});
  assert.deepEqual(written((draft) => ((draft.one = "a"), (draft.two = "b"), (draft.one = "c"), (draft.two = "d"))), { one: ["text", "c"], two: ["text", "d"] });
});

test("what is written while the answer is written is in it", () => {
  const { asked, call, fieldsAt } = border();
  const written = (write) => fieldsAt(call(bind({ beforeCreate: (_ctx, draft) => void write(draft) }, asked)("beforeCreate"), [], [{}], "", 0));
  const saying = (draft, name, value) => ({ toJSON: () => ((draft[name] = value), "said") });
  assert.deepEqual(written((draft) => (draft.one = saying(draft, "two", "2"))), { one: ["json", '"said"'], two: ["text", "2"] });
  assert.deepEqual(written((draft) => ((draft.one = "1"), (draft.two = saying(draft, "three", saying(draft, "four", "4"))))), {
    one: ["text", "1"], two: ["json", '"said"'], three: ["json", '"said"'], four: ["text", "4"],
  });
  const get = (draft) => () => ((draft.two = "2"), "1");
  assert.deepEqual(written((draft) => Object.defineProperty(draft, "one", { get: get(draft) })), { one: ["text", "1"], two: ["text", "2"] });
  assert.deepEqual(written((draft) => ((draft.zero = "0"), Object.defineProperty(draft, "one", { get: get(draft) }))), {
    zero: ["text", "0"], one: ["text", "1"], two: ["text", "2"],
  });
});

test("who asks for the time before there is a call does not take it from the call", () => {
  const { asked, call, byte } = border();
  const times = [];
  const plugin = {
    get scheduled() {
      times.push(Date.now());
      return (ctx) => times.push(ctx.nowMs, Date.now());
    },
  };
  // Nobody is there to be asked yet.
  const silent = { ...asked, nowMs: (at) => (at === 0 ? assert.fail("there is no call") : asked.nowMs(at)) };
  assert.equal(byte(call(bind(plugin, silent)("scheduled"), ["nightly"], [])), 0);
  // It is asked for its hook once to see whether it has one, and again in the call.
  assert.deepEqual(times, [0, 1_769_860_800_000, 1_769_860_800_000, 1_769_860_800_000]);
});

test("refusals and failures are where the contract has them", () => {
  const { asked, call, mistakesAt, textAt, word, byte } = border();
  const hooks = bind({
    beforeCreate: () => refuse("title", "blank", "Leer, ü."),
    beforeDelete: () => deny(403, "No 😀."),
    validate: (_ctx, _draft, errors) => (errors.add("a", "b", "c"), errors.add("d", "e", "")),
    afterCreate: (_ctx, event) => { throw new Error(`${event} failed`); },
    scheduled: () => {},
  }, asked);
  let at = call(hooks("beforeCreate"), [], [{}], "", 0);
  assert.deepEqual([byte(at), byte(at + 4), mistakesAt(at + 8)], [1, 0, [["title", "blank", "Leer, ü."]]]);
  at = call(hooks("beforeDelete"), [], [{}]);
  assert.deepEqual([byte(at), byte(at + 4), word(at + 8), textAt(at + 12)], [1, 1, 403, "No 😀."]);
  at = call(hooks("validate"), [], [{}]);
  assert.deepEqual([byte(at), mistakesAt(at + 4)], [1, [["a", "b", "c"], ["d", "e", ""]]]);
  at = call(hooks("afterCreate"), ["event 😀"], [{}]);
  assert.deepEqual([byte(at), textAt(at + 4)], [1, "event 😀 failed"]);
  assert.equal(byte(call(hooks("scheduled"), ["nightly"], [])), 0);
});

test("an answer that is none ends the call", () => {
  const { functions: { answer, errors }, putText, room } = border();
  for (const words of ["", "X", "F", "F1", "F1,", "F1,4,a", "F1,1,a", "F1,1,ax", "F1,1,at5,abc", "F1,1,at1,😀", "F9999,", "T", "T1", "T2,a", "T1,a", "T1,ax", "F1,1,al99999,", "I2,1,a1,b1,c", "S4,abc"]) {
    const at = room(8);
    putText(at, words);
    assert.throws(() => answer(at), WebAssembly.RuntimeError, words);
    assert.throws(() => errors(at), WebAssembly.RuntimeError, words);
  }
  // A validator has a list of errors, and nobody else has.
  for (const [words, finish, other] of [["E0,", errors, answer], ["I0,", answer, errors], ["D403,1,a", answer, errors], ["S1,a", answer, errors], ["F0,", answer, errors], ["T1,a,x", answer, errors]]) {
    const at = room(8);
    putText(at, words);
    finish(at);
    assert.throws(() => other(at), WebAssembly.RuntimeError, words);
  }
});
