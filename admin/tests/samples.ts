import type { Attachment, Collection, Field, Plugin } from "@/api/types";

export function aCollection(parts: Partial<Collection> = {}): Collection {
  return {
    id: `pbc_${parts.name ?? "posts"}`,
    name: "posts",
    type: "base",
    system: false,
    fields: [{ id: "f1", name: "title", type: "text", required: true }],
    listRule: null,
    viewRule: null,
    createRule: null,
    updateRule: null,
    deleteRule: null,
    created: "2026-11-20 10:00:00.000Z",
    updated: "2026-11-22 10:00:00.000Z",
    ...parts,
  };
}

export function aPlugin(parts: Partial<Plugin> = {}): Plugin {
  return {
    id: "p1",
    name: "slugify",
    version: "0.1.0",
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    size: 91_234,
    exports: ["before-create", "before-update"],
    imports: [],
    capabilities: [],
    compileMs: 212,
    state: "uploaded",
    created: "2026-11-22 10:00:00.000Z",
    ...parts,
  };
}

export function anAttachment(parts: Partial<Attachment> = {}): Attachment {
  return {
    id: "a1",
    collection: "posts",
    hooks: ["beforeCreate"],
    order: 0,
    enabled: true,
    onFailure: "closed",
    ...parts,
  };
}

/** A field with an id made of its name. */
export function aField(name: string, type: string, options: Partial<Field> = {}): Field {
  return { id: `f_${name}`, name, type, ...options };
}
