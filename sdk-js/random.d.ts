/** Bytes that nobody can foresee, where they are granted. `world.wit` has to import `tinybase:plugin/random@0.1.0`. */
export const random: {
  /** `length` from 1 to 65536. `Math.random` is the same in every call. */
  bytes(length: number): Uint8Array;
};
