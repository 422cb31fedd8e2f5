/** Lists of the dashboard that repeat what the description of the API knows: nothing that is there may be missing here. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { activityKinds } from "@/components/activity-words";
import {
  backupSections,
  pathOf,
  sections,
  storageSections,
  syncSections,
} from "@/features/settings/sections";

interface Shape {
  properties?: Record<string, Shape>;
  enum?: string[];
}

const description = JSON.parse(readFileSync("codegen/openapi.json", "utf8"));
const schemas = description.components.schemas as Record<string, Shape>;

function paths(shape: Shape | undefined, before = ""): string[] {
  const parts = Object.entries(shape?.properties ?? {});
  if (parts.length === 0) return [before];
  return parts.flatMap(([key, part]) => paths(part, before === "" ? key : `${before}.${key}`));
}

/** Forms of their own: `rate-limits.tsx`, `topics.tsx`. */
const ownForms = ["rateLimits.enabled", "rateLimits.rules", "rateLimits.excludedIPs", "realtime.topics"];
/** What is kept for PocketBase's own dashboard, and means nothing here. */
const foreign = ["meta.accentColor", "meta.hideControls"];

test("every setting has a place", () => {
  const shown = [...sections, ...storageSections, ...backupSections, ...syncSections].flatMap((section) =>
    section.fields.map((field) => pathOf(section, field)),
  );
  const all = paths(schemas.Settings);
  expect(all.length).toBeGreaterThan(40);
  expect(all.filter((path) => ![...shown, ...ownForms, ...foreign].includes(path))).toEqual([]);
});

test("the activity can be narrowed to every kind of thing", () => {
  expect([...activityKinds].sort()).toEqual(
    [...(schemas.ActivityEntry?.properties?.kind?.enum ?? [])].sort(),
  );
});
