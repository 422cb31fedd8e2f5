import type { Collection } from "@/api/types";
import { shellQuoted } from "@/components/shell-quoted";

/** A change as a request, for a script that does the same to another server. */
export function changeAsCurl(origin: string, collection: string, body: Partial<Collection>): string {
  return asCurl("PATCH", `${origin}/api/collections/${encodeURIComponent(collection)}`, body);
}

/** Likewise for a collection that is to be. */
export function creationAsCurl(origin: string, body: Partial<Collection>): string {
  return asCurl("POST", `${origin}/api/collections`, body);
}

function asCurl(method: string, url: string, body: Partial<Collection>): string {
  return [
    `curl -X ${method} ${shellQuoted(url)}`,
    '-H "Authorization: $TOKEN"',
    "-H 'Content-Type: application/json'",
    `--data-binary ${shellQuoted(JSON.stringify(body, null, 2))}`,
  ].join(" \\\n  ");
}
