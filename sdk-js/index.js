// Hooks as plain functions on plain objects, and what ties them to the interfaces of the component.

import { changesOf, fromFields, toFields } from "./fields.js";

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

/** Refuses the write with an error on a field. */
export function refuse(field, code, message) {
  throw new Refusal({ tag: "invalid", val: [{ field, code, message }] });
}

/** Refuses the write with errors on several fields. */
export function refuseAll(errors) {
  throw new Refusal({ tag: "invalid", val: errors });
}

/** Refuses the write with a status from 400 to 499 and a message. */
export function deny(status, message) {
  throw new Refusal({ tag: "denied", val: [status, message] });
}

/**
 * What `tinybase plugin build` puts between the component's exports and the hooks. `log` is the host's function, where
 * the plugin's world imports it: then an error that nobody caught is told there before it ends the call.
 */
export function bind(plugin, log) {
  const failing = (error) => {
    if (log) log("error", `uncaught: ${error?.message ?? error}${error?.stack ? `\n${error.stack}` : ""}`, []);
    throw error;
  };
  const before = (call) => {
    try {
      return call();
    } catch (error) {
      if (error instanceof Refusal) throw error.refusal;
      return failing(error);
    }
  };
  const after = (call) => {
    try {
      return call();
    } catch (error) {
      throw String(error?.message ?? error);
    }
  };
  const bound = {
    beforeCreate: (hook) => (ctx, draft) =>
      before(() => {
        const record = fromFields(draft);
        hook(contextOf(ctx), record.values);
        return changesOf(record);
      }),
    beforeUpdate: (hook) => (ctx, original, draft) =>
      before(() => {
        const record = fromFields(draft);
        hook(contextOf(ctx), fromFields(original).values, record.values);
        return changesOf(record);
      }),
    beforeDelete: (hook) => (ctx, original) =>
      before(() => void hook(contextOf(ctx), fromFields(original).values)),
    validate: (hook) => (ctx, draft) => {
      const errors = [];
      const add = (field, code, message) => void errors.push({ field, code, message });
      before(() => hook(contextOf(ctx), fromFields(draft).values, { add }));
      if (errors.length > 0) throw errors;
    },
    afterCreate: (hook) => (ctx, event, stored) => after(() => void hook(contextOf(ctx), event, fromFields(stored).values)),
    afterUpdate: (hook) => (ctx, event, original, stored) =>
      after(() => void hook(contextOf(ctx), event, fromFields(original).values, fromFields(stored).values)),
    afterDelete: (hook) => (ctx, event, original) =>
      after(() => void hook(contextOf(ctx), event, fromFields(original).values)),
    scheduled: (hook) => (ctx, name) => after(() => void hook(contextOf(ctx), name)),
    beforeSignIn: (hook) => (ctx, method, stored) =>
      before(() => void hook(contextOf(ctx), method, fromFields(stored).values)),
    tokenClaims: (hook) => (ctx, method, stored) =>
      after(() => toFields(hook(contextOf(ctx), method, fromFields(stored).values) ?? {})),
  };
  return (name) => {
    const hook = plugin?.[name];
    if (typeof hook !== "function") {
      throw new Error(`world.wit exports ${name}, and the plugin has no function of that name`);
    }
    return bound[name](hook.bind(plugin));
  };
}

/** The circumstances of a call, with the configuration parsed and the time as a number. */
function contextOf(ctx) {
  return { ...ctx, nowMs: Number(ctx.nowMs), config: JSON.parse(ctx.config || "{}") };
}

export { fromFields, toFields };
