// Hooks as plain functions on plain objects, and what ties them to the interfaces of the component.

import { standStill } from "./date.js";
import { changesOf, contextOf, draftOf, failure, fieldsOf, mistakes, parametersOf, refusal } from "./wire.js";

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

/**
 * What `tinybase plugin build` puts between the component's exports and the hooks: each takes the context and its other
 * parameters as texts, and answers with one (`wire.js`). `log` is the host's function, where
 * the plugin's world imports it: then an error that nobody caught is told there before it ends the call.
 */
export function bind(plugin, log) {
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
  const changing = (hook, count) => (ctx, text) => {
    const { given, kinds } = parametersOf(text, count);
    const draft = draftOf(given[count - 1], kinds);
    try {
      settled(count === 1 ? hook(contextOf(ctx), draft) : hook(contextOf(ctx), given[0], draft));
      return changesOf(kinds);
    } catch (error) {
      return refused(error);
    }
  };
  const calling = (hook, count, caught) => (ctx, text) => {
    const { given } = parametersOf(text, count);
    given.length = count;
    try {
      settled(hook(contextOf(ctx), ...given));
      return "U";
    } catch (error) {
      return caught(error);
    }
  };
  const bound = {
    beforeCreate: (hook) => changing(hook, 1),
    beforeUpdate: (hook) => changing(hook, 2),
    beforeDelete: (hook) => calling(hook, 1, refused),
    validate: (hook) => (ctx, text) => {
      const errors = [];
      const add = (field, code, message) => void errors.push(mistake({ field, code, message }));
      const refusing = (error) => {
        if (!(error instanceof Refusal)) return givenUp(error);
        if (error.refusal.tag === "invalid") return mistakes("E", error.refusal.val);
        return givenUp(new Error("a validator cannot `deny`: it names what is wrong with `errors.add` or `refuse`"));
      };
      const answer = calling((ctx, draft) => hook(ctx, draft, { add }), 1, refusing)(ctx, text);
      return errors.length > 0 ? mistakes("E", errors) : answer;
    },
    afterCreate: (hook) => calling(hook, 2, failed),
    afterUpdate: (hook) => calling(hook, 3, failed),
    afterDelete: (hook) => calling(hook, 2, failed),
    scheduled: (hook) => calling(hook, 1, failed),
    beforeSignIn: (hook) => calling(hook, 2, refused),
    tokenClaims: (hook) => (ctx, text) => {
      const { given } = parametersOf(text, 2);
      try {
        return fieldsOf(settled(hook(contextOf(ctx), given[0], given[1])) ?? {});
      } catch (error) {
        return failed(error);
      }
    },
  };
  // What the engine makes at the first call of anything is then in the snapshot that is taken behind this.
  const dry = bound.beforeCreate((ctx, draft) => void (draft.title = ctx.tenant.toLowerCase()));
  dry('["t","c","r","k","i","c",1,0,{}]', '[{"id":"i","title":"T","views":1,"public":true}]');
  return (name) => {
    const hook = plugin?.[name];
    if (typeof hook !== "function") {
      throw new Error(`world.wit exports ${name}, and the plugin has no function of that name`);
    }
    return bound[name](hook.bind(plugin));
  };
}
