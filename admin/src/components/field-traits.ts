/** What the dashboard has to know of a field besides its kind. */
import type { Field } from "@/api/types";

/** Text, numbers and the like that a search in words looks into. */
export function isSearchable(field: Field): boolean {
  return ["text", "email", "url", "editor", "select", "number"].includes(field.type) && !isSecret(field);
}

/** Never shown, nor is there anything to show. */
export function isSecret(field: Field): boolean {
  return field.type === "password" || (field.name === "tokenKey" && field.system === true);
}

export function isSeveral(field: Field): boolean {
  return typeof field.maxSelect === "number" && field.maxSelect > 1;
}
