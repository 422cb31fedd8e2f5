import type { Collection } from "@/api/types";
import { shellQuoted } from "@/components/shell-quoted";

/** The change as a request, for a script that does the same to another server. */
export function changeAsCurl(origin: string, collection: string, body: Partial<Collection>): string {
  return [
    `curl -X PATCH ${shellQuoted(`${origin}/api/collections/${encodeURIComponent(collection)}`)}`,
    '-H "Authorization: $TOKEN"',
    "-H 'Content-Type: application/json'",
    `--data-binary ${shellQuoted(JSON.stringify(body, null, 2))}`,
  ].join(" \\\n  ");
}
