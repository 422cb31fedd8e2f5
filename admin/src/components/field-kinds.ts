/**
 * The kinds of fields, one entry each: how it is called, its sign, and what is worth saying of its options. A kind
 * that this registry does not know is shown under its own name.
 */
import type { LucideIcon } from "lucide-react";
import {
  AtSign,
  Brackets,
  Calendar,
  CalendarClock,
  CircleDot,
  File,
  Hash,
  KeyRound,
  Link2,
  ListChecks,
  MapPin,
  Network,
  Pilcrow,
  Shapes,
  SquareCode,
  ToggleLeft,
  Type,
} from "lucide-react";
import type { Field } from "@/api/types";
import { formatBytes } from "@/format";
import { type PlainKey, t } from "@/i18n";

/** Finds the name of a collection by its id. */
export type CollectionName = (id: string) => string | undefined;

interface FieldKind {
  label: PlainKey;
  /** What it is for, in a line. */
  text: PlainKey;
  /** A value as the API would show it. */
  example: string;
  icon: LucideIcon;
  options: (field: Field, collectionName: CollectionName) => (string | false)[];
}

const bounds = ({ min, max }: Field) => [
  isSet(min) && t("field.option.min", { value: String(min) }),
  isSet(max) && t("field.option.max", { value: String(max) }),
];

/** A bound of 0 means something to a number, which is without one when it is absent. */
const numberBounds = ({ min, max }: Field) => [
  typeof min === "number" && t("field.option.min", { value: min }),
  typeof max === "number" && t("field.option.max", { value: max }),
];

const several = ({ maxSelect }: Field) =>
  typeof maxSelect === "number" && maxSelect > 1 && t("field.option.multiple", { value: maxSelect });

const kinds: Record<string, FieldKind> = {
  text: {
    label: "field.kind.text",
    text: "field.kind.textText",
    example: '"Hello"',
    icon: Type,
    options: (field) => [
      field.primaryKey === true && t("field.option.primaryKey"),
      isSet(field.autogeneratePattern) && t("field.option.generated"),
      ...bounds(field),
      isSet(field.pattern) && t("field.option.pattern", { value: String(field.pattern) }),
    ],
  },
  number: {
    label: "field.kind.number",
    text: "field.kind.numberText",
    example: "12.5",
    icon: Hash,
    options: (field) => [field.onlyInt === true && t("field.option.integers"), ...numberBounds(field)],
  },
  bool: {
    label: "field.kind.bool",
    text: "field.kind.boolText",
    example: "true",
    icon: ToggleLeft,
    options: () => [],
  },
  email: {
    label: "field.kind.email",
    text: "field.kind.emailText",
    example: '"ada@example.com"',
    icon: AtSign,
    options: () => [],
  },
  url: {
    label: "field.kind.url",
    text: "field.kind.urlText",
    example: '"https://example.com"',
    icon: Link2,
    options: () => [],
  },
  editor: {
    label: "field.kind.editor",
    text: "field.kind.editorText",
    example: '"<p>Hello</p>"',
    icon: Pilcrow,
    options: sizeLimit,
  },
  date: {
    label: "field.kind.date",
    text: "field.kind.dateText",
    example: '"2026-11-23 10:15:00.000Z"',
    icon: Calendar,
    options: bounds,
  },
  autodate: {
    label: "field.kind.autodate",
    text: "field.kind.autodateText",
    example: '"2026-11-23 10:15:00.000Z"',
    icon: CalendarClock,
    options: (field) => [
      field.onCreate === true && t("field.option.onCreate"),
      field.onUpdate === true && t("field.option.onUpdate"),
    ],
  },
  select: {
    label: "field.kind.select",
    text: "field.kind.selectText",
    example: '["red", "blue"]',
    icon: ListChecks,
    options: (field) => [
      Array.isArray(field.values) && t("field.option.values", { values: field.values.join(", ") }),
      several(field),
    ],
  },
  file: {
    label: "field.kind.file",
    text: "field.kind.fileText",
    example: '"photo_a1b2c3.png"',
    icon: File,
    options: (field) => [several(field), fileSizeLimit(field)],
  },
  relation: {
    label: "field.kind.relation",
    text: "field.kind.relationText",
    example: '"u1gvtx6mx5zmcwy"',
    icon: Network,
    options: (field, collectionName) => {
      const target = String(field.collectionId ?? "");
      return [
        target !== "" && t("field.option.relation", { collection: collectionName(target) ?? target }),
        several(field),
        field.cascadeDelete === true && t("field.option.cascade"),
      ];
    },
  },
  json: {
    label: "field.kind.json",
    text: "field.kind.jsonText",
    example: '{"any": ["thing"]}',
    icon: SquareCode,
    options: sizeLimit,
  },
  password: {
    label: "field.kind.password",
    text: "field.kind.passwordText",
    example: '"••••••••"',
    icon: KeyRound,
    options: bounds,
  },
  geoPoint: {
    label: "field.kind.geoPoint",
    text: "field.kind.geoPointText",
    example: '{"lon": 12.5, "lat": 41.9}',
    icon: MapPin,
    options: () => [],
  },
  array: {
    label: "field.kind.array",
    text: "field.kind.arrayText",
    example: "[1, 2, 3]",
    icon: Brackets,
    options: bounds,
  },
  vector: {
    label: "field.kind.vector",
    text: "field.kind.vectorText",
    example: "[0.12, -0.5, 0.33]",
    icon: Shapes,
    options: () => [],
  },
};

function fileSizeLimit({ maxSize }: Field) {
  return (
    typeof maxSize === "number" && maxSize > 0 && t("field.option.fileSize", { value: formatBytes(maxSize) })
  );
}

function sizeLimit({ maxSize }: Field) {
  return [
    typeof maxSize === "number" && maxSize > 0 && t("field.option.max", { value: formatBytes(maxSize) }),
  ];
}

/** PocketBase writes an option that is not set as 0 or as an empty text. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && value !== 0;
}

export function kindIcon(type: string): LucideIcon {
  return kinds[type]?.icon ?? CircleDot;
}

export function kindLabel(type: string): string {
  const kind = kinds[type];
  return kind ? t(kind.label) : type;
}

/** What the field is for, and how a value looks. */
export function kindText(type: string): string {
  const kind = kinds[type];
  return kind ? t(kind.text) : "";
}

export function kindExample(type: string): string {
  return kinds[type]?.example ?? "";
}

/** The kinds that can be chosen for a new field: passwords belong to accounts, which have theirs. */
export const addableKinds = Object.keys(kinds);

export function fieldOptions(field: Field, collectionName: CollectionName): string[] {
  const options = kinds[field.type]?.options(field, collectionName) ?? [];
  const unique = field.unique === true && t("field.option.unique");
  return [unique, ...options].filter((option) => option !== false);
}
