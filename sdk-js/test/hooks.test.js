import assert from "node:assert/strict";
import { test } from "node:test";
import { bind, definePlugin, deny, refuse } from "../index.js";
import { context, refusal } from "../testing.js";
import { decode, encode } from "../utf8.js";

const text = (name, val) => ({ name, value: { tag: "text", val } });
const ctx = { ...context("posts"), config: '{"max": 3}', nowMs: 5n };

test("only what was changed goes back", () => {
  const plugin = definePlugin({
    beforeCreate(ctx, draft) {
      assert.equal(ctx.config.max, 3);
      assert.equal(ctx.nowMs, 5);
      draft.slug = draft.title.toLowerCase();
      draft.title = "Hello";
      draft.meta.seen = true;
      draft.tags.push("new");
    },
  });
  const changes = bind(plugin)("beforeCreate")(ctx, [
    text("title", "Hello"),
    { name: "meta", value: { tag: "json", val: '{"a":1}' } },
    { name: "tags", value: { tag: "texts", val: ["old"] } },
    { name: "views", value: { tag: "number", val: 2 } },
  ]);
  assert.deepEqual(changes, [
    { name: "meta", value: { tag: "json", val: '{"a":1,"seen":true}' } },
    { name: "tags", value: { tag: "texts", val: ["old", "new"] } },
    text("slug", "hello"),
  ]);
});

test("refusals are what the contract throws", () => {
  const hooks = bind({
    beforeCreate: () => refuse("title", "too_long", "Too long."),
    beforeDelete: () => deny(403, "No."),
    validate: (_ctx, draft, errors) => draft.title || errors.add("title", "blank", "Blank."),
  });
  const thrown = (call) => {
    try {
      call();
    } catch (error) {
      return error;
    }
  };
  const invalid = [{ field: "title", code: "too_long", message: "Too long." }];
  assert.deepEqual(thrown(() => hooks("beforeCreate")(ctx, [])), { tag: "invalid", val: invalid });
  assert.deepEqual(thrown(() => hooks("beforeDelete")(ctx, [])), { tag: "denied", val: [403, "No."] });
  assert.deepEqual(thrown(() => hooks("validate")(ctx, [])), [{ field: "title", code: "blank", message: "Blank." }]);
  assert.equal(hooks("validate")(ctx, [text("title", "x")]), undefined);
  assert.deepEqual(refusal(() => deny(404, "Gone.")), { tag: "denied", val: [404, "Gone."] });
});

test("an error of the hook's own is told and ends the call", () => {
  const lines = [];
  const broken = bind({ beforeCreate: () => null.x }, (level, message) => lines.push([level, message]));
  assert.throws(() => broken("beforeCreate")(ctx, []), TypeError);
  assert.equal(lines[0][0], "error");
  const failing = bind({ afterCreate: () => { throw new Error("later"); } });
  assert.throws(() => failing("afterCreate")(ctx, "event", []), (error) => error === "later");
});

test("claims are fields, and a schedule has a name", () => {
  const names = [];
  const hooks = bind({ tokenClaims: (_ctx, method) => ({ method, level: 2 }), scheduled: (_ctx, name) => names.push(name) });
  assert.deepEqual(hooks("tokenClaims")(ctx, "otp", []), [text("method", "otp"), { name: "level", value: { tag: "number", val: 2 } }]);
  assert.equal(hooks("scheduled")(ctx, "nightly"), undefined);
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
