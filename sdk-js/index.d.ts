/** A value of a record's field. */
export type Value = null | boolean | number | bigint | string | string[] | object;

/** A record: its fields by name. In a before-hook, assign to the draft's. */
export type Record<Fields extends object = { [name: string]: any }> = Fields & { id?: string };

/** Who causes the call; `id` and `collection` are empty where they do not apply. */
export interface Caller {
  kind: "guest" | "user" | "superuser" | "key" | "plugin" | "system" | (string & {});
  id: string;
  collection: string;
}

/** The circumstances of one call. */
export interface Context<Config = { [name: string]: any }> {
  tenant: string;
  collection: string;
  requestId: string;
  caller: Caller;
  /** Milliseconds since 1970 when the call began; `Date` tells the same, for there is no other clock. */
  nowMs: number;
  /** 0 for a client's write, one more for each write made by a plugin. */
  depth: number;
  /** The configuration of the attachment. */
  config: Config;
}

/** Where a validator puts what it finds. */
export interface Errors {
  add(field: string, code?: string, message?: string): void;
}

/** A hook answers at once: a promise is never waited for, so that an `async` one is refused here, and fails when it is called. */
export type Nothing = void | undefined | null | boolean | number | string;
export type Claims = (object & { then?: never }) | void | undefined | null;

/** The hooks of a plugin. Those that `world.wit` exports have to be there. */
export interface Hooks<Fields extends object = { [name: string]: any }, Config = { [name: string]: any }> {
  /** Before the write: may change the draft, may refuse. */
  beforeCreate?(ctx: Context<Config>, draft: Record<Fields>): Nothing;
  beforeUpdate?(ctx: Context<Config>, original: Readonly<Record<Fields>>, draft: Record<Fields>): Nothing;
  beforeDelete?(ctx: Context<Config>, original: Readonly<Record<Fields>>): Nothing;
  /** A pure check of the whole draft; its world imports nothing. */
  validate?(ctx: Context<Config>, draft: Readonly<Record<Fields>>, errors: Errors): Nothing;
  /** After the commit, at least once per event: what it throws is tried again later. */
  afterCreate?(ctx: Context<Config>, eventId: string, stored: Readonly<Record<Fields>>): Nothing;
  afterUpdate?(
    ctx: Context<Config>,
    eventId: string,
    original: Readonly<Record<Fields>>,
    stored: Readonly<Record<Fields>>,
  ): Nothing;
  afterDelete?(ctx: Context<Config>, eventId: string, original: Readonly<Record<Fields>>): Nothing;
  /** The clock says so; `name` is the one of the schedule. */
  scheduled?(ctx: Context<Config>, name: string): Nothing;
  /** Somebody has proved who they are, by `password`, `otp`, `oauth2`, `refresh`, ..; may refuse. */
  beforeSignIn?(ctx: Context<Config>, method: string, stored: Readonly<Record<Fields>>): Nothing;
  /** What else a token tells whoever reads it. */
  tokenClaims?(ctx: Context<Config>, method: string, stored: Readonly<Record<Fields>>): Claims;
}

/** Names the hooks of a plugin: `export default definePlugin({ beforeCreate(ctx, draft) { .. } })`. */
export function definePlugin<Fields extends object = { [name: string]: any }, Config = { [name: string]: any }>(
  hooks: Hooks<Fields, Config>,
): Hooks<Fields, Config>;

/** Refuses the write with an error on a field. */
export function refuse(field: string, code?: string, message?: string): never;

/** Refuses the write with errors on several fields. */
export function refuseAll(errors: { field: string; code?: string; message?: string }[]): never;

/** Refuses the write with a status from 400 to 499 and a message; not in a validator. */
export function deny(status: number, message?: string): never;
