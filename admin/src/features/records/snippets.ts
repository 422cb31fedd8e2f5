/** What is on the screen, as code that does the same: for a shell and for the JavaScript SDK. */
import { recordsPath } from "@/api/records";
import { shellQuoted } from "@/components/shell-quoted";

const token = '-H "Authorization: $TOKEN"';

interface ListQuery {
  sort?: string;
  filter?: string;
  page: number;
  perPage: number;
}

export function listAsCurl(origin: string, collection: string, query: ListQuery): string {
  const parameters = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  --data-urlencode ${shellQuoted(`${name}=${value}`)}`);
  return [`curl -G ${shellQuoted(origin + recordsPath(collection))} ${token}`, ...parameters].join(" \\\n");
}

export function listAsJs(collection: string, { page, perPage, filter, sort }: ListQuery): string {
  const options = Object.fromEntries(
    Object.entries({ filter, sort }).filter(([, value]) => value !== undefined),
  );
  const more = Object.keys(options).length > 0 ? `, ${JSON.stringify(options, null, 2)}` : "";
  return `const list = await pb.collection(${JSON.stringify(collection)}).getList(${page}, ${perPage}${more});`;
}

export function recordAsCurl(origin: string, collection: string, id: string): string {
  return `curl ${shellQuoted(`${origin}${recordsPath(collection)}/${id}`)} ${token}`;
}

export function recordAsJs(collection: string, id: string): string {
  return `const record = await pb.collection(${JSON.stringify(collection)}).getOne(${JSON.stringify(id)});`;
}
