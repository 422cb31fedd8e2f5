// Records as they cross the border, a list of typed fields, and as one works with them, a plain object.

/** The object of a list of fields, with what it takes to find out later what was changed. */
export function fromFields(fields) {
  const values = {};
  const stored = new Map();
  for (const { name, value } of fields) {
    values[name] = plain(value);
    stored.set(name, { tag: value.tag, text: JSON.stringify(values[name]) });
  }
  return { values, stored };
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

/** The fields of an object. */
export function toFields(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value: typed(value) }));
}

/** The fields that were changed since. */
export function changesOf({ values, stored }) {
  const changes = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const before = stored.get(name);
    if (before?.text !== JSON.stringify(value)) changes.push({ name, value: typed(value, before?.tag) });
  }
  return changes;
}

// `was` is the kind of the field before, which decides where a value could be of several.
function typed(value, was) {
  if (was === "json") return { tag: "json", val: JSON.stringify(value) };
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
  return { tag: "json", val: JSON.stringify(value) };
}
