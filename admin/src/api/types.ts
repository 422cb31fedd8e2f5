/** The shapes of the API under the names that the dashboard calls them by. They come from its description; nothing is renamed in them. */
import type { Schemas } from "@/api/contract";

export interface Page<T> {
  page: number;
  perPage: number;
  totalItems: number;
  totalPages: number;
  items: T[];
}

/** Its `csrf` is sent back with every state-changing request, and lives in memory alone. */
export type Session = Schemas["AdminSession"];

/** `null` is superusers only, the empty text is everyone, anything else is an expression. */
export type Rule = string | null;

/** With the options of its kind: `min`, `values`, `collectionId`, ... */
export type Field = Schemas["Field"];

/** With the options of its type: `passwordAuth`, `authToken`, ... */
export type Collection = Schemas["Collection"];

/** Of where it is from it says nothing when only some fields were asked for. */
export type RecordData = Pick<Schemas["AnyRecord"], "id"> & Partial<Schemas["AnyRecord"]>;

export type RuleProblem = Schemas["RuleProblem"];
export type RuleCheck = Schemas["RuleCheck"];

/** The sections of the settings, as far as this server has them: the form is made of them, and knows no shape. */
export type Settings = Record<string, Record<string, unknown>>;

/** Where the value of a setting comes from that is not what is stored. */
export interface SettingSource {
  origin: string;
  name: string;
}

export type Plugin = Schemas["Plugin"];
export type PluginState = Plugin["state"];

export type Attachment = Schemas["Attachment"];
export type FailurePolicy = Attachment["onFailure"];
export type AttachmentLimits = Attachment["limits"];
export type EffectiveLimits = Schemas["HookLimits"];
export type AttachmentDraft = Pick<Attachment, "collection" | "hooks" | "order" | "onFailure">;

/** What a plugin may do, capability by capability; what is not here is refused. */
export type Grants = Schemas["GrantsInput"];
export type Grant = NonNullable<Grants["records"]>[number];
export type HttpGrant = NonNullable<Grants["http"]>;

/** What a plugin says of itself; `config` is a JSON Schema, `requests` the most that it wants. */
export type Manifest = Schemas["Manifest"];

/** Its value is never told. */
export type PluginSecret = Schemas["Secret"];
export type PluginLogLine = Schemas["PluginLine"];
