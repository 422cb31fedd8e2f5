/**
 * The catalogue of every string a person reads. A message is a text with `{name}` places, or one text per
 * plural form of its `{count}`; the places a message has are the parameters `t` demands, checked by the compiler.
 */
import { auth } from "@/strings/auth";
import { backups } from "@/strings/backups";
import { collections } from "@/strings/collections";
import { common } from "@/strings/common";
import { fields } from "@/strings/fields";
import { grants } from "@/strings/grants";
import { home } from "@/strings/home";
import { keys } from "@/strings/keys";
import { logs } from "@/strings/logs";
import { pluginMoments } from "@/strings/plugin-moments";
import { pluginWatch } from "@/strings/plugin-watch";
import { pluginWork } from "@/strings/plugin-work";
import { plugins } from "@/strings/plugins";
import { realtime } from "@/strings/realtime";
import { records } from "@/strings/records";
import { rules } from "@/strings/rules";
import { settings } from "@/strings/settings";
import { sql } from "@/strings/sql";
import { storage } from "@/strings/storage";
import { sync } from "@/strings/sync";
import { topics } from "@/strings/topics";
import { transfer } from "@/strings/transfer";

export const english = {
  ...common,
  ...auth,
  ...collections,
  ...fields,
  ...rules,
  ...records,
  ...transfer,
  ...plugins,
  ...pluginWork,
  ...pluginWatch,
  ...pluginMoments,
  ...grants,
  ...realtime,
  ...logs,
  ...keys,
  ...settings,
  ...backups,
  ...storage,
  ...sql,
  ...sync,
  ...topics,
  ...home,
};

type Messages = typeof english;
export type MessageKey = keyof Messages;

/** Keys of the messages that need no parameters: what tables of labels may refer to. */
export type PlainKey = { [K in MessageKey]: [Places<Messages[K]>] extends [never] ? K : never }[MessageKey];

type PluralMessage = { readonly other: string } & { readonly [F in Intl.LDMLPluralRule]?: string };
type PlacesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlacesIn<Rest>
  : never;
type Places<M> = M extends string
  ? PlacesIn<M>
  : M extends { readonly other: infer O extends string }
    ? PlacesIn<O> | "count"
    : never;
type Parameters<K extends MessageKey> = {
  readonly [P in Places<Messages[K]>]: P extends "count" ? number : string | number;
};
type Rest<K extends MessageKey> = [Places<Messages[K]>] extends [never] ? [] : [parameters: Parameters<K>];

/**
 * In a build of this mode every text of the catalogue is marked, and numbers and dates speak another language: what is left in
 * English and without a mark was written where it cannot be translated. An end-to-end test looks for it.
 */
const pseudo = import.meta.env.MODE === "pseudo";

/** The language that texts, plural forms, numbers and dates follow. */
export const locale = pseudo ? "ja" : "en";

const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

export function t<K extends MessageKey>(key: K, ...[parameters]: Rest<K>): string {
  const message: string | PluralMessage = english[key];
  const values = (parameters ?? {}) as Record<string, string | number>;
  const text =
    typeof message === "string" ? message : (message[plurals.select(Number(values.count))] ?? message.other);
  const filled = text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? numbers.format(value) : value;
  });
  return pseudo ? `⟦${filled}⟧` : filled;
}
