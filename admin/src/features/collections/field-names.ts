/** What a field may be called, told while it is typed. The server has the last word. */
import { t } from "@/i18n";
import type { DraftField } from "./use-collection-draft";

const reserved = new Set([
  "null",
  "true",
  "false",
  "isnull",
  "expand",
  "collectionid",
  "collectionname",
  "_rowid_",
  "rowid",
  "oid",
]);

export function nameProblem(draft: DraftField, all: DraftField[]): string | null {
  const name = draft.field.name;
  if (name === "") return t("field.problem.empty");
  if (!/^\w+$/.test(name) || /^\d/.test(name)) return t("field.problem.letters");
  if (reserved.has(name.toLowerCase())) return t("field.problem.reserved");
  const taken = all.some(
    (other) =>
      other.key !== draft.key && !other.removed && other.field.name.toLowerCase() === name.toLowerCase(),
  );
  return taken ? t("field.problem.taken") : null;
}

/** A name that is not taken: `text`, `text2`, ... */
export function freeName(wanted: string, all: DraftField[]): string {
  const taken = new Set(all.map(({ field }) => field.name.toLowerCase()));
  if (!taken.has(wanted.toLowerCase())) return wanted;
  let number = 2;
  while (taken.has(`${wanted}${number}`.toLowerCase())) number += 1;
  return `${wanted}${number}`;
}
