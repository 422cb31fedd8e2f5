import assert from "node:assert/strict";
import { test } from "node:test";
import { bind, definePlugin, deny, refuse, refuseAll } from "../index.js";
import { fromFields, toFields } from "../fields.js";
import { context, refusal } from "../testing.js";
import { decode, encode } from "../utf8.js";
import { run } from "./border.js";

test("only what was changed goes back", () => {
  const plugin = definePlugin({
    beforeCreate(ctx, draft) {
      assert.equal(ctx.config.max, 3);
      assert.equal(ctx.nowMs, 1_769_860_800_000);
      draft.slug = draft.title.toLowerCase();
      draft.title = "Hello";
      draft.views = 2;
      draft.meta.seen = true;
      draft.tags.push("new");
      draft.gone = undefined;
    },
  });
  const record = { title: "Hello", meta: { a: 1 }, tags: ["old"], views: 2, same: { a: 1 }, gone: "x" };
  assert.deepEqual(run(plugin, "beforeCreate", [record]), [
    "fields",
    { meta: { json: '{"a":1,"seen":true}' }, tags: ["old", "new"], slug: "hello" },
  ]);
});

test("a value of every kind goes back as what it is", () => {
  const values = {
    nothing: null, yes: true, no: false, text: "ä😀", half: -0.5, many: 2 ** 60, big: -5n, texts: ["a", "ü", ""], json: [1, { a: "😀" }],
    at: new Date(0),
  };
  const [letter, fields] = run({ beforeCreate: (_ctx, draft) => void Object.assign(draft, values) }, "beforeCreate", [{}]);
  assert.equal(letter, "fields");
  assert.deepEqual(fields, { ...values, json: { json: '[1,{"a":"😀"}]' }, at: "1970-01-01 00:00:00.000Z" });
  // What was JSON stays JSON, whether somebody has looked at it or not.
  for (const read of [false, true]) {
    for (const value of ["text", true, null, 0.5]) {
      const update = (_ctx, _original, draft) => void (read && draft.meta, (draft.meta = value));
      const answer = run({ beforeUpdate: update }, "beforeUpdate", [{}, { meta: { a: 1 } }]);
      assert.deepEqual(answer, ["fields", { meta: { json: JSON.stringify(value) } }]);
    }
  }
});

test("a record is as good as an object, read as a whole or not", () => {
  const record = { title: "T", toString: "odd", meta: { a: [1] }, views: 0.1, tags: ["a"] };
  const looks = [
    (given) => Object.keys(given), (given) => JSON.stringify(given), (given) => ({ ...given }), (given) => "title" in given,
    (given) => "other" in given, (given) => given.toString, (given) => given.hasOwnProperty("views"), (given) => Object.entries(given),
    (given) => given instanceof Object, (given) => (delete given.title, given.title), (given) => (delete given.meta, { ...given }),
    (given) => ((given.more = 1), (given.title = "U"), { ...given }), (given) => Object.isFrozen(Object.freeze(given)),
    (given) => (Object.defineProperty(given, "title", { enumerable: false }), [given.title, Object.keys(given)]),
  ];
  for (const look of looks) {
    for (const before of [() => {}, (given) => given.meta.a, (given) => [given.views, given.title]]) {
      const found = [];
      const hook = (_ctx, given) => void (before(given), found.push(look(given)));
      run({ beforeCreate: hook, beforeDelete: hook }, "beforeCreate", [record]);
      run({ beforeCreate: hook, beforeDelete: hook }, "beforeDelete", [record]);
      const expected = look(structuredClone(record));
      assert.deepEqual(found, [expected, expected], `${look}`);
    }
  }
});

test("what is written to a record that was read whole goes back too", () => {
  const hook = (_ctx, draft) => {
    const { views } = { ...draft };
    draft.views = views + 1;
    draft.meta.a = 2;
    draft.title = "T";
  };
  const record = { title: "T", meta: { a: 1 }, views: 1, tags: ["a"], other: { a: 1 } };
  assert.deepEqual(run({ beforeCreate: hook }, "beforeCreate", [record]), ["fields", { views: 2, meta: { json: '{"a":2}' } }]);
});

test("the context is as good as an object", () => {
  let found;
  const whole = {
    tenant: "t", collection: "posts", requestId: 'r"1', caller: { kind: "user", id: "u1", collection: "users" },
    nowMs: 1_769_860_800_000, depth: 2, config: { max: 3 },
  };
  const look = (ctx) => void (found = [ctx.caller.id, ctx.other, { ...ctx }, JSON.stringify(ctx), "depth" in ctx, Object.keys(ctx).length]);
  run({ scheduled: look }, "scheduled", ["x"]);
  assert.deepEqual(found, ["u1", undefined, whole, JSON.stringify(whole), true, 7]);
  run({ scheduled: (ctx) => void (found = [Object.isFrozen(Object.freeze(ctx)), { ...ctx }]) }, "scheduled", ["x"]);
  assert.deepEqual(found, [true, whole]);
});

test("refusals are what the contract has", () => {
  const plugin = {
    beforeCreate: () => refuse("title", "too_long", "Too long, ü."),
    beforeDelete: () => deny(403, "No."),
    beforeSignIn: () => refuseAll([]),
    validate: (_ctx, draft, errors) => {
      if (draft.title === "refuse") refuse("title", "refused", "Refused.");
      if (!draft.title) errors.add("title", "blank", "Blank.");
    },
  };
  assert.deepEqual(run(plugin, "beforeCreate", [{}]), ["invalid", [["title", "too_long", "Too long, ü."]]]);
  assert.deepEqual(run(plugin, "beforeDelete", [{}]), ["denied", [403, "No."]]);
  assert.deepEqual(run(plugin, "beforeSignIn", ["otp", {}]), ["invalid", []]);
  assert.deepEqual(run(plugin, "validate", [{}]), ["errors", [["title", "blank", "Blank."]]]);
  assert.deepEqual(run(plugin, "validate", [{ title: "refuse" }]), ["errors", [["title", "refused", "Refused."]]]);
  assert.deepEqual(run(plugin, "validate", [{ title: "x" }]), ["nothing"]);
  assert.deepEqual(refusal(() => deny(404, "Gone.")), { tag: "denied", val: [404, "Gone."] });
});

test("words that are left out are made up for", () => {
  const usual = ["validation_invalid_value", "Invalid value."];
  const plugin = {
    beforeCreate: () => refuse("a"),
    beforeUpdate: () => refuseAll([{ field: "a" }, {}]),
    beforeDelete: () => deny(403),
    validate: (_ctx, _draft, errors) => errors.add("a", null),
  };
  assert.deepEqual(run(plugin, "beforeCreate", [{}]), ["invalid", [["a", ...usual]]]);
  assert.deepEqual(run(plugin, "beforeUpdate", [{}, {}]), ["invalid", [["a", ...usual], ["", ...usual]]]);
  assert.deepEqual(run(plugin, "beforeDelete", [{}]), ["denied", [403, "The plugin refused the request."]]);
  assert.deepEqual(run(plugin, "validate", [{}]), ["errors", [["a", ...usual]]]);
});

test("a hook that answers with a promise has not allowed anything", () => {
  const later = async () => {};
  const plugin = {
    beforeCreate: later, beforeUpdate: later, beforeDelete: later, validate: later, beforeSignIn: later,
    afterCreate: later, afterUpdate: later, afterDelete: later, scheduled: later, tokenClaims: later,
  };
  for (const [name, ...parameters] of [["beforeCreate", {}], ["beforeUpdate", {}, {}], ["beforeDelete", {}], ["beforeSignIn", "otp", {}]]) {
    assert.throws(() => run(plugin, name, parameters), /async/, name);
  }
  assert.match(givenUp(plugin), /async/);
  for (const [name, ...parameters] of [["afterCreate", "e", {}], ["afterUpdate", "e", {}, {}], ["afterDelete", "e", {}], ["scheduled", "x"], ["tokenClaims", "otp", {}]]) {
    const [letter, words] = run(plugin, name, parameters);
    assert.ok(letter === "failed" && /async/.test(words), name);
  }
});

// What a validator says that gives up: the host knows it by the code, on no field.
function givenUp(plugin) {
  const [letter, [[field, code, words], ...more]] = run(plugin, "validate", [{}]);
  assert.deepEqual([letter, field, code, more], ["errors", "", "plugin_failed", []]);
  return words;
}

test("a validator that denies is told that it cannot", () => {
  const plugin = { validate: () => deny(403, "No.") };
  assert.match(givenUp(plugin), /a validator cannot `deny`.*errors\.add/s);
});

test("what a validator throws has words though it has no log", () => {
  const plugin = { validate: (_ctx, draft) => void draft.title.toUpperCase() };
  assert.match(givenUp(plugin), /^uncaught: .*toUpperCase/s);
});

test("what cannot be stored is left out", () => {
  const values = { title: "x", helper: () => 1, mark: Symbol("s"), none: { toJSON: () => undefined } };
  const plugin = {
    beforeCreate: (_ctx, draft) => void Object.assign(draft, { ...values, meta: () => 1 }),
    tokenClaims: () => values,
  };
  assert.deepEqual(run(plugin, "beforeCreate", [{ meta: { a: 1 } }]), ["fields", { title: "x" }]);
  assert.deepEqual(run(plugin, "tokenClaims", ["otp", {}]), ["fields", { title: "x" }]);
  assert.deepEqual(toFields({ ...values, gone: undefined }), [{ name: "title", value: { tag: "text", val: "x" } }]);
});

test("the time of day is that of the call", () => {
  let found;
  const look = () => void (found = [Date.now(), new Date().getTime(), Date(), new Date(7).getTime(), new Date() instanceof Date]);
  run({ scheduled: look }, "scheduled", ["x"]);
  const at = 1_769_860_800_000;
  assert.deepEqual(found, [at, at, new Date(at).toString(), 7, true]);
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
  const log = (level, message) => lines.push([level, message]);
  assert.throws(() => run({ beforeCreate: () => null.x }, "beforeCreate", [{}], { log }), TypeError);
  assert.equal(lines[0][0], "error");
  const failing = { afterCreate: () => { throw new Error("later"); } };
  assert.deepEqual(run(failing, "afterCreate", ["event", {}]), ["failed", "later"]);
});

test("claims are fields, and a schedule has a name", () => {
  const names = [];
  const plugin = { tokenClaims: (_ctx, method) => ({ method, level: 2 }), scheduled: (_ctx, name) => names.push(name) };
  assert.deepEqual(run(plugin, "tokenClaims", ["otp", {}]), ["fields", { method: "otp", level: 2 }]);
  assert.deepEqual(run(plugin, "scheduled", ["nightly"]), ["nothing"]);
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
