import type { Record } from "./index.js";

/** What the host refuses: `code` is `denied`, `not_found`, `invalid`, .. */
export class HostError extends Error {
  code: string;
}

/**
 * The tenant's records, within what an admin granted. `world.wit` has to import `tinybase:plugin/records@0.1.0`.
 * A grant is as the plugin, past the rules, or as the caller: what the caller could read and write by itself.
 * In a before-hook reads see one snapshot and writes join the transaction; one as the caller that a rule refuses there refuses the main write.
 * In an after-hook each write is its own; what a rule refuses is a `HostError` with code `denied` (a create) or `not_found`.
 */
export const records: {
  get<Fields extends object = { [name: string]: any }>(collection: string, id: string): Record<Fields>;
  find<Fields extends object = { [name: string]: any }>(
    collection: string,
    filter?: string,
    options?: { sort?: string; limit?: number },
  ): Record<Fields>[];
  first<Fields extends object = { [name: string]: any }>(
    collection: string,
    filter?: string,
    options?: { sort?: string },
  ): Record<Fields> | null;
  count(collection: string, filter?: string): number;
  /** Answers with the id. Keys may change fields as those of clients do: `{ "views+": 1 }`. */
  create(collection: string, draft: object): string;
  update(collection: string, id: string, changes: object): void;
  delete(collection: string, id: string): void;
};

/** A text as a literal of the rule language: `` `email = ${quote(email)}` ``. */
export function quote(text: string): string;
