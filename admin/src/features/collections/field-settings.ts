/** What can be set for each kind of field, one line per setting. What a kind has is data; how it is set is in `setting.tsx`. */
import type { PlainKey } from "@/i18n";

export type SettingControl =
  | "number"
  | "text"
  | "bool"
  /** Texts, one per line. */
  | "lines"
  | "date"
  | "collection"
  /** Bytes. */
  | "size"
  /** An object, written as JSON; nothing is `null`. */
  | "json"
  | { choices: readonly string[] };

export interface Setting {
  key: string;
  label: PlainKey;
  help?: PlainKey;
  control: SettingControl;
  /** Nothing set is written as `null` and not as 0. */
  nullable?: boolean;
  /** Cannot be changed once the field exists. */
  fixed?: boolean;
}

const lengths: Setting[] = [
  { key: "min", label: "setting.minLength", control: "number" },
  { key: "max", label: "setting.maxLength", control: "number" },
];
const domains: Setting[] = [
  { key: "onlyDomains", label: "setting.onlyDomains", help: "setting.domainsHelp", control: "lines" },
  { key: "exceptDomains", label: "setting.exceptDomains", help: "setting.domainsHelp", control: "lines" },
];
const several: Setting[] = [
  { key: "maxSelect", label: "setting.maxSelect", help: "setting.maxSelectHelp", control: "number" },
];
const pattern: Setting = {
  key: "pattern",
  label: "setting.pattern",
  help: "setting.patternHelp",
  control: "text",
};
const size: Setting = { key: "maxSize", label: "setting.maxSize", help: "setting.sizeHelp", control: "size" };

const byKind: Record<string, Setting[]> = {
  text: [
    ...lengths,
    pattern,
    {
      key: "autogeneratePattern",
      label: "setting.autogenerate",
      help: "setting.autogenerateHelp",
      control: "text",
    },
  ],
  number: [
    { key: "min", label: "setting.min", control: "number", nullable: true },
    { key: "max", label: "setting.max", control: "number", nullable: true },
    { key: "onlyInt", label: "setting.onlyInt", control: "bool" },
  ],
  email: domains,
  url: domains,
  editor: [size, { key: "convertURLs", label: "setting.convertUrls", control: "bool" }],
  date: [
    { key: "min", label: "setting.earliest", control: "date" },
    { key: "max", label: "setting.latest", control: "date" },
  ],
  autodate: [
    { key: "onCreate", label: "setting.onCreate", control: "bool" },
    { key: "onUpdate", label: "setting.onUpdate", control: "bool" },
  ],
  select: [
    { key: "values", label: "setting.values", help: "setting.valuesHelp", control: "lines" },
    ...several,
  ],
  file: [
    ...several,
    size,
    { key: "mimeTypes", label: "setting.mimeTypes", help: "setting.mimeTypesHelp", control: "lines" },
    { key: "thumbs", label: "setting.thumbs", help: "setting.thumbsHelp", control: "lines" },
    { key: "protected", label: "setting.protected", help: "setting.protectedHelp", control: "bool" },
  ],
  relation: [
    { key: "collectionId", label: "setting.collection", control: "collection", fixed: true },
    { key: "minSelect", label: "setting.minSelect", control: "number" },
    ...several,
    { key: "cascadeDelete", label: "setting.cascade", help: "setting.cascadeHelp", control: "bool" },
  ],
  json: [size, { key: "schema", label: "setting.schema", help: "setting.schemaHelp", control: "json" }],
  password: [...lengths, pattern],
  array: [
    { key: "of", label: "setting.items", control: { choices: ["text", "number"] }, fixed: true },
    { key: "minItems", label: "setting.minItems", control: "number" },
    { key: "maxItems", label: "setting.maxItems", control: "number" },
    { key: "uniqueItems", label: "setting.uniqueItems", control: "bool" },
  ],
  vector: [{ key: "dimension", label: "setting.dimensions", control: "number", fixed: true }],
};

const wordy = ["text", "email", "url", "editor", "select", "json", "array"];
const unlikeOthers = ["text", "number", "email", "url", "date", "select", "relation"];

export interface Flag {
  key: "searchable" | "unique" | "nullable";
  label: PlainKey;
  help: PlainKey;
}

/** What several kinds can have besides their own settings. */
export function flagsOf(type: string): Flag[] {
  const flags: Flag[] = [];
  if (unlikeOthers.includes(type))
    flags.push({ key: "unique", label: "fieldSheet.unique", help: "fieldSheet.uniqueHelp" });
  if (wordy.includes(type)) {
    flags.push({ key: "searchable", label: "fieldSheet.searchable", help: "fieldSheet.searchableHelp" });
  }
  if (type === "number" || type === "bool") {
    flags.push({ key: "nullable", label: "fieldSheet.nullable", help: "fieldSheet.nullableHelp" });
  }
  return flags;
}

/** Kinds whose value a create may leave to the definition. */
export function canDefault(type: string): boolean {
  return !["autodate", "file", "password", "vector"].includes(type);
}

export function settingsOf(type: string): Setting[] {
  return byKind[type] ?? [];
}

/** What a new field of a kind begins with, so that it is whole. */
export function startingOptions(type: string): Record<string, unknown> {
  switch (type) {
    case "select":
      return { values: [], maxSelect: 1 };
    case "file":
    case "relation":
      return { maxSelect: 1 };
    case "autodate":
      return { onCreate: true, onUpdate: false };
    case "array":
      return { of: "text" };
    case "vector":
      return { dimension: 768 };
    default:
      return {};
  }
}
