// Records as they cross the border, a list of typed fields, and as one works with them, a plain object.

/** The object of a list of fields. */
export function fromFields(fields) {
  const values = {};
  for (const { name, value } of fields) values[name] = plain(value);
  return values;
}

function plain(value) {
  switch (value.tag) {
    case "null":
      return null;
    case "integer":
      return Number(value.val);
    case "json":
      return JSON.parse(value.val);
    case "texts":
      return [...value.val];
    default:
      return value.val;
  }
}

/** The fields of an object; what cannot be stored, such as a function, is left out, as JSON does. */
export function toFields(values) {
  return Object.entries(values)
    .map(([name, value]) => ({ name, value: typed(value) }))
    .filter(({ value }) => value !== undefined);
}

function typed(value) {
  if (value === null) return { tag: "null" };
  switch (typeof value) {
    case "boolean":
      return { tag: "boolean", val: value };
    case "number":
      return { tag: "number", val: value };
    case "bigint":
      return { tag: "integer", val: value };
    case "string":
      return { tag: "text", val: value };
  }
  if (value instanceof Date) return { tag: "text", val: value.toISOString().replace("T", " ") };
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return { tag: "texts", val: value };
  const json = JSON.stringify(value);
  return json === undefined ? undefined : { tag: "json", val: json };
}
