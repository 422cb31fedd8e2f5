/** The time of day, where it is granted. `world.wit` has to import `tinybase:plugin/clock@0.1.0`. */
export const clock: {
  /** Milliseconds since 1970, now; `ctx.nowMs` says when the call began. */
  nowMs(): number;
};
