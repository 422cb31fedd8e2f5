// Hooks as plain functions on plain objects, and what ties them to the interfaces of the component.

import { changes, failure, fieldsOf, mistakes, refusal } from "./answer.js";
import { standStill } from "./date.js";
import { begin, draftAt, prepare, recordAt, textAt } from "./wire.js";

/** Names the hooks of a plugin; the types are in `index.d.ts`. */
export function definePlugin(hooks) {
  return hooks;
}

class Refusal extends Error {
  constructor(refusal) {
    super("refused");
    this.refusal = refusal;
  }
}

/** An error on a field, with words where its author has left them out. */
function mistake({ field, code, message }) {
  return { field: field ?? "", code: code ?? "validation_invalid_value", message: message ?? "Invalid value." };
}

/** Refuses the write with an error on a field. */
export function refuse(field, code, message) {
  throw new Refusal({ tag: "invalid", val: [mistake({ field, code, message })] });
}

/** Refuses the write with errors on several fields. */
export function refuseAll(errors) {
  throw new Refusal({ tag: "invalid", val: errors.map(mistake) });
}

/** Refuses the write with a status from 400 to 499 and a message. */
export function deny(status, message) {
  throw new Refusal({ tag: "denied", val: [status, message ?? "The plugin refused the request."] });
}

// A promise is never waited for: what an async hook refuses would be allowed.
function settled(answer) {
  if (typeof answer?.then !== "function") return answer;
  throw new Error("the hook is async or answers with a promise, which nobody waits for: make it a plain function");
}

// What the engine makes at the first use of anything is in the snapshot that is taken once the module has run.
function warmUp(changing, call) {
  const nobody = { words: () => "{}", nowMs: () => 0, depth: () => 0, field: () => "T", fields: () => '[{"title":"T"}]' };
  const hook = (ctx, draft) => void (draft.title = ctx.tenant + draft.title + Object.keys(ctx) + JSON.stringify(draft));
  changing((ctx) => hook(ctx, draftAt(0)), nobody)(0);
  begin(nobody, 0);
  for (const kind of [Object, Array, String, Number, RegExp, Map, Set, Error]) {
    for (const owner of [kind, kind.prototype]) {
      for (const name of Reflect.ownKeys(owner)) Reflect.getOwnPropertyDescriptor(owner, name);
    }
  }
  // So that the first call does not have to clear away what this has left.
  begin(call, 0);
  prepare();
}

/**
 * What `tinybase plugin build` puts between the component's exports and the hooks: each is told where its
 * parameters lie, for which it asks `call` (`wire.js`), and answers with a text (`answer.js`). `log` is the host's function, where
 * the plugin's world imports it: then an error that nobody caught is told there before it ends the call.
 */
export function bind(plugin, call, log) {
  standStill();
  const uncaught = (error) => `uncaught: ${error?.message ?? error}${error?.stack ? `\n${error.stack}` : ""}`;
  // What a before-hook throws refuses the write, or ends the call.
  const refused = (error) => {
    if (error instanceof Refusal) return refusal(error.refusal);
    if (log) log("error", uncaught(error), []);
    throw error;
  };
  // What a validator throws fails the call. It has no log, so the host is told why by an answer that it knows.
  const givenUp = (error) => mistakes("E", [{ field: "", code: "plugin_failed", message: uncaught(error) }]);
  // What an after-hook throws is tried again.
  const failed = (error) => failure(error?.message ?? error);
  // Nothing between the engine and a hook that could be left out: a call more costs as much as some twenty steps of the hook's own.
  const changing = (hook, asked = call) => (at) => {
    try {
      const answer = hook(begin(asked, at));
      if (answer !== undefined) settled(answer);
      return changes();
    } catch (error) {
      return refused(error);
    }
  };
  const calling = (hook, caught) => (at) => {
    try {
      const answer = hook(begin(call, at));
      if (answer !== undefined) settled(answer);
      return "U";
    } catch (error) {
      return caught(error);
    }
  };
  const withText = (name) => (ctx) => plugin[name](ctx, textAt(0), recordAt(1));
  const bound = {
    beforeCreate: () => changing((ctx) => plugin.beforeCreate(ctx, draftAt(0))),
    beforeUpdate: () => changing((ctx) => plugin.beforeUpdate(ctx, recordAt(0), draftAt(1))),
    beforeDelete: () => calling((ctx) => plugin.beforeDelete(ctx, recordAt(0)), refused),
    validate: () => (at) => {
      const errors = [];
      const add = (field, code, message) => void errors.push(mistake({ field, code, message }));
      const refusing = (error) => {
        if (!(error instanceof Refusal)) return givenUp(error);
        if (error.refusal.tag === "invalid") return mistakes("E", error.refusal.val);
        return givenUp(new Error("a validator cannot `deny`: it names what is wrong with `errors.add` or `refuse`"));
      };
      const answer = calling((ctx) => plugin.validate(ctx, recordAt(0), { add }), refusing)(at);
      return errors.length > 0 ? mistakes("E", errors) : answer;
    },
    afterCreate: () => calling(withText("afterCreate"), failed),
    afterUpdate: () => calling((ctx) => plugin.afterUpdate(ctx, textAt(0), recordAt(1), recordAt(2)), failed),
    afterDelete: () => calling(withText("afterDelete"), failed),
    scheduled: () => calling((ctx) => plugin.scheduled(ctx, textAt(0)), failed),
    beforeSignIn: () => calling(withText("beforeSignIn"), refused),
    tokenClaims: () => (at) => {
      try {
        return fieldsOf(settled(withText("tokenClaims")(begin(call, at))) ?? {});
      } catch (error) {
        return failed(error);
      }
    },
  };
  warmUp(changing, call);
  return (name) => {
    if (typeof plugin?.[name] !== "function") {
      throw new Error(`world.wit exports ${name}, and the plugin has no function of that name`);
    }
    return bound[name]();
  };
}
