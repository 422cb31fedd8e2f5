import assert from "node:assert/strict";
import { test } from "node:test";
import { bind, definePlugin, deny, refuse, refuseAll } from "../index.js";
import { fromFields, toFields } from "../fields.js";
import { context, refusal } from "../testing.js";
import { decode, encode } from "../utf8.js";
import { circumstances, read } from "./answers.js";

const ctx = circumstances({ ...context("posts"), config: { max: 3 }, nowMs: 5 });
const given = (...parameters) => JSON.stringify(parameters);

test("only what was changed goes back", () => {
  const plugin = definePlugin({
    beforeCreate(ctx, draft) {
      assert.equal(ctx.config.max, 3);
      assert.equal(ctx.nowMs, 5);
      draft.slug = draft.title.toLowerCase();
      draft.title = "Hello";
      draft.meta.seen = true;
      draft.tags.push("new");
      draft.gone = undefined;
    },
  });
  const record = { title: "Hello", meta: { a: 1 }, tags: ["old"], views: 2, same: [1], gone: "x" };
  const text = given(record, [0, "meta", "j"], [0, "tags", "l"], [0, "same", "j"]);
  assert.deepEqual(read(bind(plugin)("beforeCreate")(ctx, text)), [
    "F",
    { meta: { json: '{"a":1,"seen":true}' }, tags: ["old", "new"], slug: "hello" },
  ]);
});

test("a value of every kind goes back as what it is", () => {
  const values = {
    nothing: null, yes: true, no: false, text: "ä😀", half: -0.5, many: 2 ** 60, big: -5n, texts: ["a", "ü", ""], json: [1, { a: "😀" }],
    at: new Date(0),
  };
  const set = bind({ beforeCreate: (_ctx, draft) => void Object.assign(draft, values) })("beforeCreate");
  const [letter, fields] = read(set(ctx, given({})));
  assert.equal(letter, "F");
  assert.deepEqual(fields, { ...values, json: { json: '[1,{"a":"😀"}]' }, at: "1970-01-01 00:00:00.000Z" });
  // What was JSON stays JSON.
  const text = bind({ beforeUpdate: (_ctx, _original, draft) => void (draft.meta = "text") })("beforeUpdate");
  assert.deepEqual(read(text(ctx, given({}, { meta: 1 }, [1, "meta", "j"]))), ["F", { meta: { json: '"text"' } }]);
});

test("what JSON does not tell is told beside it", () => {
  const [low, high] = new Uint32Array(Float64Array.of(0.1).buffer);
  const seen = [];
  const hook = bind({ afterUpdate: (_ctx, event, before, after) => void seen.push(event, before, after) })("afterUpdate");
  const text = given("e1", { share: 0 }, { share: 0, odd: ["later", 1, 2] }, [1, "share", "n", low, high], [2, "share", "n", 0, 2 ** 31], [2, "odd", "o"]);
  assert.equal(hook(ctx, text), "U");
  assert.deepEqual(seen, ["e1", { share: 0.1 }, { share: -0, odd: ["later", Uint8Array.of(1, 2)] }]);
});

test("the context is as good as an object", () => {
  let found;
  bind({ scheduled: (ctx) => void (found = [{ ...ctx }, JSON.stringify(ctx), "depth" in ctx, Object.keys(ctx).length]) })("scheduled")(ctx, given("x"));
  const whole = { ...context("posts"), config: { max: 3 }, nowMs: 5 };
  assert.deepEqual(found, [whole, JSON.stringify(whole), true, 7]);
  const frozen = bind({ scheduled: (ctx) => void (found = [Object.isFrozen(Object.freeze(ctx)), { ...ctx }]) });
  frozen("scheduled")(ctx, given("x"));
  assert.deepEqual(found, [true, whole]);
});

test("refusals are what the contract has", () => {
  const hooks = bind({
    beforeCreate: () => refuse("title", "too_long", "Too long, ü."),
    beforeDelete: () => deny(403, "No."),
    beforeSignIn: () => refuseAll([]),
    validate: (_ctx, draft, errors) => {
      if (draft.title === "refuse") refuse("title", "refused", "Refused.");
      if (!draft.title) errors.add("title", "blank", "Blank.");
    },
  });
  assert.deepEqual(read(hooks("beforeCreate")(ctx, given({}))), ["I", [["title", "too_long", "Too long, ü."]]]);
  assert.deepEqual(read(hooks("beforeDelete")(ctx, given({}))), ["D", [403, "No."]]);
  assert.deepEqual(read(hooks("beforeSignIn")(ctx, given("otp", {}))), ["I", []]);
  assert.deepEqual(read(hooks("validate")(ctx, given({}))), ["E", [["title", "blank", "Blank."]]]);
  assert.deepEqual(read(hooks("validate")(ctx, given({ title: "refuse" }))), ["E", [["title", "refused", "Refused."]]]);
  assert.equal(hooks("validate")(ctx, given({ title: "x" })), "U");
  assert.deepEqual(refusal(() => deny(404, "Gone.")), { tag: "denied", val: [404, "Gone."] });
});

test("words that are left out are made up for", () => {
  const usual = ["validation_invalid_value", "Invalid value."];
  const hooks = bind({
    beforeCreate: () => refuse("a"),
    beforeUpdate: () => refuseAll([{ field: "a" }, {}]),
    beforeDelete: () => deny(403),
    validate: (_ctx, _draft, errors) => errors.add("a", null),
  });
  assert.deepEqual(read(hooks("beforeCreate")(ctx, given({}))), ["I", [["a", ...usual]]]);
  assert.deepEqual(read(hooks("beforeUpdate")(ctx, given({}, {}))), ["I", [["a", ...usual], ["", ...usual]]]);
  assert.deepEqual(read(hooks("beforeDelete")(ctx, given({}))), ["D", [403, "The plugin refused the request."]]);
  assert.deepEqual(read(hooks("validate")(ctx, given({}))), ["E", [["a", ...usual]]]);
});

test("a hook that answers with a promise has not allowed anything", () => {
  const later = async () => {};
  const hooks = bind({
    beforeCreate: later, beforeUpdate: later, beforeDelete: later, validate: later, beforeSignIn: later,
    afterCreate: later, afterUpdate: later, afterDelete: later, scheduled: later, tokenClaims: later,
  });
  for (const [name, ...parameters] of [["beforeCreate", {}], ["beforeUpdate", {}, {}], ["beforeDelete", {}], ["beforeSignIn", "otp", {}]]) {
    assert.throws(() => hooks(name)(ctx, given(...parameters)), /async/, name);
  }
  assert.match(givenUp(hooks("validate")), /async/);
  for (const [name, ...parameters] of [["afterCreate", "e", {}], ["afterUpdate", "e", {}, {}], ["afterDelete", "e", {}], ["scheduled", "x"], ["tokenClaims", "otp", {}]]) {
    const [letter, words] = read(hooks(name)(ctx, given(...parameters)));
    assert.ok(letter === "S" && /async/.test(words), name);
  }
});

// What a validator says that gives up: the host knows it by the code, on no field.
function givenUp(validate) {
  const [letter, [[field, code, words], ...more]] = read(validate(ctx, given({})));
  assert.deepEqual([letter, field, code, more], ["E", "", "plugin_failed", []]);
  return words;
}

test("a validator that denies is told that it cannot", () => {
  const hooks = bind({ validate: () => deny(403, "No.") });
  assert.match(givenUp(hooks("validate")), /a validator cannot `deny`.*errors\.add/s);
});

test("what a validator throws has words though it has no log", () => {
  const hooks = bind({ validate: (_ctx, draft) => void draft.title.toUpperCase() });
  assert.match(givenUp(hooks("validate")), /^uncaught: .*toUpperCase/s);
});

test("what cannot be stored is left out", () => {
  const values = { title: "x", helper: () => 1, mark: Symbol("s"), none: { toJSON: () => undefined } };
  const hooks = bind({
    beforeCreate: (_ctx, draft) => void Object.assign(draft, { ...values, meta: () => 1 }),
    tokenClaims: () => values,
  });
  assert.deepEqual(read(hooks("beforeCreate")(ctx, given({ meta: 1 }, [0, "meta", "j"]))), ["F", { title: "x" }]);
  assert.deepEqual(read(hooks("tokenClaims")(ctx, given("otp", {}))), ["F", { title: "x" }]);
  assert.deepEqual(toFields({ ...values, gone: undefined }), [{ name: "title", value: { tag: "text", val: "x" } }]);
});

test("the time of day is that of the call", () => {
  let found;
  const look = () => void (found = [Date.now(), new Date().getTime(), Date(), new Date(7).getTime(), new Date() instanceof Date]);
  bind({ scheduled: look })("scheduled")(ctx, given("x"));
  assert.deepEqual(found, [5, 5, new Date(5).toString(), 7, true]);
  assert.equal(new Date().constructor, Date);
});

test("records have plain values", () => {
  const fields = [
    { name: "views", value: { tag: "integer", val: 5n } }, { name: "meta", value: { tag: "json", val: '{"a":1}' } },
    { name: "tags", value: { tag: "texts", val: ["a"] } }, { name: "gone", value: { tag: "null" } },
  ];
  assert.deepEqual(fromFields(fields), { views: 5, meta: { a: 1 }, tags: ["a"], gone: null });
});

test("an error of the hook's own is told and ends the call", () => {
  const lines = [];
  const broken = bind({ beforeCreate: () => null.x }, (level, message) => lines.push([level, message]));
  assert.throws(() => broken("beforeCreate")(ctx, given({})), TypeError);
  assert.equal(lines[0][0], "error");
  const failing = bind({ afterCreate: () => { throw new Error("later"); } });
  assert.deepEqual(read(failing("afterCreate")(ctx, given("event", {}))), ["S", "later"]);
});

test("claims are fields, and a schedule has a name", () => {
  const names = [];
  const hooks = bind({ tokenClaims: (_ctx, method) => ({ method, level: 2 }), scheduled: (_ctx, name) => names.push(name) });
  assert.deepEqual(read(hooks("tokenClaims")(ctx, given("otp", {}))), ["F", { method: "otp", level: 2 }]);
  assert.equal(hooks("scheduled")(ctx, given("nightly")), "U");
  assert.deepEqual(names, ["nightly"]);
});

test("a world that exports more than the plugin has is a mistake", () => {
  assert.throws(() => bind({})("beforeCreate"), /beforeCreate/);
});

test("texts survive as bytes", () => {
  for (const sample of ["", "abc", "äöü €", "日本 😀"]) {
    assert.deepEqual([...encode(sample)], [...new TextEncoder().encode(sample)]);
    assert.equal(decode(encode(sample)), sample);
  }
});
