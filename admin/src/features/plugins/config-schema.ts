/** From a plugin's JSON Schema to the fields of a form. What a form cannot show is edited as JSON. */

export interface ConfigField {
  key: string;
  label: string;
  help?: string;
  required: boolean;
  kind: "text" | "number" | "toggle" | "choice" | "list" | "json";
  /** Of a choice, as they stand in the schema. */
  choices: unknown[];
  /** What holds when nothing is set. */
  initial?: unknown;
  whole: boolean;
}

type Schema = Record<string, unknown>;

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of a schema of an object, or `null` where there is no such schema. */
export function configFields(schema: unknown): ConfigField[] | null {
  if (!isObject(schema) || !isObject(schema.properties)) return null;
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([key, property]) =>
    fieldOf(key, isObject(property) ? property : {}, required.includes(key)),
  );
}

function fieldOf(key: string, schema: Schema, required: boolean): ConfigField {
  const choices = Array.isArray(schema.enum) ? schema.enum : [];
  return {
    key,
    label: typeof schema.title === "string" ? schema.title : key,
    help: typeof schema.description === "string" ? schema.description : undefined,
    required,
    kind: kindOf(schema, choices),
    choices,
    initial: schema.default,
    whole: schema.type === "integer",
  };
}

function kindOf(schema: Schema, choices: unknown[]): ConfigField["kind"] {
  if (choices.length > 0) return "choice";
  switch (schema.type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "toggle";
    case "array":
      return isObject(schema.items) && schema.items.type === "string" ? "list" : "json";
    default:
      return "json";
  }
}

/** The object with a value put in, or taken out where there is none. */
export function withValue(config: Schema, key: string, value: unknown): Schema {
  const { [key]: _old, ...others } = config;
  return value === undefined ? others : { ...others, [key]: value };
}

/** A field that has a value from elsewhere: it is its initial one, and need not be set here. */
export function withBase(field: ConfigField, base: Schema): ConfigField {
  return field.key in base ? { ...field, initial: base[field.key], required: false } : field;
}
