/** Two people have changed the settings: what of it is the same setting. */
import type { Settings } from "@/api/types";
import type { Choice } from "@/components/conflict-dialog";

type Body = Record<string, unknown>;

export interface SettingConflict {
  /** As the server names it: `smtp.host`. */
  path: string;
  mine: unknown;
  theirs: unknown;
  /** It is never told, so that nobody knows whether it is the one that was changed. */
  secret: boolean;
}

export interface SettingsConflict {
  settings: SettingConflict[];
  /** Changed by others alone: their values stay. */
  others: string[];
}

/** What differs between what a form began with, what it sends, and what is stored by now. */
export function conflictOf(body: Body, base: Settings, stored: Settings): SettingsConflict {
  const mine = leaves(body);
  const [before, now] = [leaves(base), leaves(stored)];
  const touched = [...new Set([...before.keys(), ...now.keys()])].filter(
    (path) => !isAbout(path) && !same(before.get(path), now.get(path)),
  );
  return {
    settings: [...mine]
      .filter(([path, value]) =>
        now.has(path) ? touched.includes(path) && !same(value, now.get(path)) : value !== undefined,
      )
      .map(([path, value]) => ({ path, mine: value, theirs: now.get(path), secret: !now.has(path) })),
    others: touched.filter((path) => !mine.has(path)),
  };
}

/** What is still to be sent when theirs stays of some. */
export function withoutTheirs(body: Body, choices: Record<string, Choice>, prefix = ""): Body {
  const left = Object.entries(body).flatMap(([key, value]): [string, unknown][] => {
    const path = prefix + key;
    if (choices[path] === "theirs") return [];
    if (!isObject(value)) return [[key, value]];
    const inner = withoutTheirs(value, choices, `${path}.`);
    return Object.keys(inner).length > 0 ? [[key, inner]] : [];
  });
  return Object.fromEntries(left);
}

/** Where values come from and which secrets there are, which is no setting. */
const isAbout = (path: string) => /^(sources|secrets)\b/.test(path);

/** By their paths; lists are one value each. */
function leaves(value: Body, prefix = ""): Map<string, unknown> {
  const found = Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    isObject(inner) ? [...leaves(inner, `${prefix}${key}.`)] : [[prefix + key, inner]],
  );
  return new Map(found);
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
