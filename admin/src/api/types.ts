/** The shapes of the API that the dashboard reads and writes. They mirror the server; nothing is renamed. */

export interface Page<T> {
  page: number;
  perPage: number;
  totalItems: number;
  totalPages: number;
  items: T[];
}

export interface Session {
  record: { id: string; email: string };
  /** Sent back with every state-changing request; lives in memory alone. */
  csrf: string;
}

/** `null` is superusers only, the empty text is everyone, anything else is an expression. */
export type Rule = string | null;

export interface Field {
  id: string;
  name: string;
  type: string;
  system?: boolean;
  required?: boolean;
  hidden?: boolean;
  presentable?: boolean;
  /** The options of the kind: `min`, `values`, `collectionId`, ... */
  [option: string]: unknown;
}

export interface Collection {
  id: string;
  name: string;
  type: string;
  system: boolean;
  fields: Field[];
  listRule: Rule;
  viewRule: Rule;
  createRule: Rule;
  updateRule: Rule;
  deleteRule: Rule;
  /** SQL of `CREATE INDEX`. */
  indexes?: string[];
  /** The SELECT behind a view. */
  viewQuery?: string;
  created: string;
  updated: string;
  /** The options of the type: `passwordAuth`, `authToken`, ... */
  [option: string]: unknown;
}

export interface RecordData {
  id: string;
  collectionId?: string;
  collectionName?: string;
  [field: string]: unknown;
}

export interface RuleProblem {
  start: number;
  end: number;
  code: string;
  message: string;
  hint?: string | null;
}

export interface RuleCheck {
  valid: boolean;
  errors: RuleProblem[];
  /** What is allowed and probably not meant. */
  warnings?: RuleProblem[];
  explanation?: string | null;
}

/** The sections of the settings, as far as this server has them. */
export type Settings = Record<string, Record<string, unknown>>;

/** Where the value of a setting comes from that is not what is stored. */
export interface SettingSource {
  origin: string;
  name: string;
}

export type PluginState = "uploaded" | "waiting" | "active" | "disabled" | "open";

export interface Plugin {
  id: string;
  name: string;
  version: string;
  sha256: string;
  size: number;
  /** Interface names in the component's spelling: `before-create`, `validator`. */
  exports: string[];
  /** Versioned interface names: `tinybase:plugin/records@0.1.0`. */
  imports: string[];
  capabilities: string[];
  manifest?: Manifest | null;
  compileMs: number;
  state: PluginState;
  created: string;
  /** Whether an admin agreed to a version that a key has uploaded, and whether it did well. */
  approved?: boolean;
  healthy?: boolean;
  /** A version that gets a share of the calls, in percent. */
  canary?: { version: string; share: number } | null;
}

export type FailurePolicy = "closed" | "open";

export interface AttachmentLimits {
  fuel?: number | null;
  wallMs?: number | null;
  memoryMb?: number | null;
}

export interface EffectiveLimits {
  fuel: number;
  wallMs: number;
  memoryMb: number;
  hostCalls: number;
}

export interface Attachment {
  id: string;
  collection: string;
  /** Hook names in the API's spelling: `beforeCreate`, `validate`. */
  hooks: string[];
  order: number;
  enabled: boolean;
  onFailure: FailurePolicy;
  limits?: AttachmentLimits | null;
  fields?: { read?: string[] | null; write?: string[] | null } | null;
  config?: Record<string, unknown> | null;
  /** By hook, what a call gets after every cap. */
  effectiveLimits?: Record<string, EffectiveLimits>;
  created?: string;
}

export type AttachmentDraft = Pick<Attachment, "collection" | "hooks" | "order" | "onFailure">;

export interface Grant {
  collection: string;
  verbs: string[];
  as: "caller" | "plugin";
}

/** What a plugin may do, capability by capability; what is not here is refused. */
export interface Grants {
  records?: Grant[];
  http?: HttpGrant;
  /** Names of secrets of which it gets placeholders, and of those under which it may have things signed. */
  secrets?: string[];
  signing?: string[];
  mail?: { to: "any" | "users" | string[]; perDay?: number };
  /** Topics; a `*` at the end covers everything that begins so. */
  realtime?: string[];
  files?: string[];
  clock?: boolean;
  random?: boolean;
}

export interface HttpGrant {
  hosts: string[];
  methods?: string[];
  insecure?: boolean;
  bytesPerCall?: number;
  bytesPerDay?: number;
}

/** What a plugin says of itself. */
export interface Manifest {
  name?: string;
  /** A JSON Schema of the configuration of its attachments. */
  config?: unknown;
  /** In the shape of grants: the most that it wants. */
  requests?: Grants;
}

/** Its value is never told. */
export interface PluginSecret {
  name: string;
  hosts: string[];
  updated: string;
}

export interface PluginLogLine {
  time: string;
  level: string;
  message: string;
  hook: string | null;
  requestId: string;
}
