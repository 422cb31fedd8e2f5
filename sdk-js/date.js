// The time of day for `Date`: that of the call. What the engine would ask has no clock.

import { nowMs } from "./wire.js";

let still = false;

/** Lets `Date` tell the time at which the call began, for as long as it lasts; `performance.now()` does not move either. */
export function standStill() {
  if (still) return;
  still = true;
  const Whole = globalThis.Date;
  Whole.now = nowMs;
  globalThis.Date = new Proxy(Whole, {
    construct: (target, given, as) => Reflect.construct(target, given.length > 0 ? given : [nowMs()], as),
    apply: () => new Whole(nowMs()).toString(),
  });
  Whole.prototype.constructor = globalThis.Date;
}
