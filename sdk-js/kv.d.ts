/** A small store of the plugin's own, values as JSON. `world.wit` has to import `tinybase:plugin/kv@0.1.0`. */
export const kv: {
  /** `null` where there is none. */
  get(key: string): any;
  /** As it is, without JSON: what plugins in other languages, or none, make of it. */
  getText(key: string): string | null;
  setText(key: string, value: string, options?: { ttlMs?: number }): void;
  /** Kept until it is deleted, unless `ttlMs` says for how long. */
  set(key: string, value: unknown, options?: { ttlMs?: number }): void;
  /** Adds to an integer, 0 where there is none, and answers with the sum. */
  increment(key: string, delta?: number): number;
  delete(key: string): void;
};
