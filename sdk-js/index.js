// Hooks as plain functions on plain objects, and what ties them to the interfaces of the component.

import { changes, failure, fieldsOf, mistakes, refusal } from "./answer.js";
import { standStill } from "./date.js";
import { begin, draftAt, recordAt, textAt } from "./wire.js";

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
function warmUp(changing) {
  const nobody = { words: () => "{}", nowMs: () => 0, depth: () => 0, field: () => "T", fields: () => '[{"title":"T"}]' };
  const hook = (ctx, draft) => void (draft.title = ctx.tenant + draft.title + Object.keys(ctx) + JSON.stringify(draft));
  changing((ctx) => hook(ctx, draftAt(0)), nobody)(0);
  begin(nobody, 0);
  for (const kind of [Object, Array, String, Number, RegExp, Map, Set, Error]) {
    for (const owner of [kind, kind.prototype]) {
      for (const name of Reflect.ownKeys(owner)) Reflect.getOwnPropertyDescriptor(owner, name);
    }
  }
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
  const changing = (hook, asked = call) => (at) => {
    try {
      settled(hook(begin(asked, at)));
      return changes();
    } catch (error) {
      return refused(error);
    }
  };
  const calling = (hook, caught) => (at) => {
    try {
      settled(hook(begin(call, at)));
      return "U";
    } catch (error) {
      return caught(error);
    }
  };
  const withText = (hook) => (ctx) => hook(ctx, textAt(0), recordAt(1));
  const bound = {
    beforeCreate: (hook) => changing((ctx) => hook(ctx, draftAt(0))),
    beforeUpdate: (hook) => changing((ctx) => hook(ctx, recordAt(0), draftAt(1))),
    beforeDelete: (hook) => calling((ctx) => hook(ctx, recordAt(0)), refused),
    validate: (hook) => (at) => {
      const errors = [];
      const add = (field, code, message) => void errors.push(mistake({ field, code, message }));
      const refusing = (error) => {
        if (!(error instanceof Refusal)) return givenUp(error);
        if (error.refusal.tag === "invalid") return mistakes("E", error.refusal.val);
        return givenUp(new Error("a validator cannot `deny`: it names what is wrong with `errors.add` or `refuse`"));
      };
      const answer = calling((ctx) => hook(ctx, recordAt(0), { add }), refusing)(at);
      return errors.length > 0 ? mistakes("E", errors) : answer;
    },
    afterCreate: (hook) => calling(withText(hook), failed),
    afterUpdate: (hook) => calling((ctx) => hook(ctx, textAt(0), recordAt(1), recordAt(2)), failed),
    afterDelete: (hook) => calling(withText(hook), failed),
    scheduled: (hook) => calling((ctx) => hook(ctx, textAt(0)), failed),
    beforeSignIn: (hook) => calling(withText(hook), refused),
    tokenClaims: (hook) => (at) => {
      try {
        return fieldsOf(settled(withText(hook)(begin(call, at))) ?? {});
      } catch (error) {
        return failed(error);
      }
    },
  };
  warmUp(changing);
  return (name) => {
    const hook = plugin?.[name];
    if (typeof hook !== "function") {
      throw new Error(`world.wit exports ${name}, and the plugin has no function of that name`);
    }
    return bound[name](hook.bind(plugin));
  };
}
