/** The settings as the form keeps them: by section and key, also where the server has a single value. */
import type { SettingSource, Settings } from "@/api/types";
import { isSingle, type SettingSection } from "./sections";

/** The values of a section that are stored; nothing where the server does not have it. */
export function storedValues(stored: Settings, section: SettingSection): Record<string, unknown> | undefined {
  const value = section.key.split(".").reduce<unknown>((part, key) => {
    return typeof part === "object" && part !== null ? (part as Record<string, unknown>)[key] : undefined;
  }, stored);
  if (value === undefined) return undefined;
  return isSingle(section) ? { [section.key]: value } : (value as Record<string, unknown>);
}

/** What differs, with one more value; a value that is what is stored differs no more. */
export function withChange(
  changed: Settings,
  stored: Settings,
  section: SettingSection,
  key: string,
  value: unknown,
): Settings {
  const { [section.key]: before = {}, ...others } = changed;
  const next = { ...before, [key]: value };
  if (JSON.stringify(storedValues(stored, section)?.[key]) === JSON.stringify(value)) delete next[key];
  return Object.keys(next).length > 0 ? { ...others, [section.key]: next } : others;
}

/** What differs still when `sent` is stored: what has been changed since it was sent. */
export function without(changed: Settings, sent: Settings): Settings {
  return only(
    changed,
    (section, key, value) => JSON.stringify(sent[section]?.[key]) !== JSON.stringify(value),
  );
}

/** What differs still when what is stored is to stay at some paths. */
export function withoutPaths(changed: Settings, paths: string[]): Settings {
  // A section of one value is a path by itself.
  return only(changed, (section, key) => !paths.includes(section === key ? section : `${section}.${key}`));
}

function only(changed: Settings, stays: (section: string, key: string, value: unknown) => boolean): Settings {
  const left = Object.entries(changed).map(([section, values]) => {
    const others = Object.entries(values).filter(([key, value]) => stays(section, key, value));
    return [section, Object.fromEntries(others)] as const;
  });
  return Object.fromEntries(left.filter(([, values]) => Object.keys(values).length > 0));
}

/** What is sent: in the shape of the server. */
export function bodyOf(changed: Settings, sections: SettingSection[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [path, values] of Object.entries(changed)) {
    const section = sections.find(({ key }) => key === path);
    const [key = "", inner] = path.split(".");
    const value = section && isSingle(section) ? values[path] : inner ? { [inner]: values } : values;
    const before = body[key];
    // Two sections may be parts of one: `backups` and `backups.s3`.
    body[key] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
  return body;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether there is a secret, which is all that is told of it. */
export function isKept(stored: Settings, path: string): boolean {
  return (stored.secrets as unknown as string[] | undefined)?.includes(path) ?? false;
}

/** Where a value comes from that no form can change, if it does. */
export function sourceOf(stored: Settings, path: string): SettingSource | undefined {
  return (stored.sources as Record<string, SettingSource> | undefined)?.[path];
}
