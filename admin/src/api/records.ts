/** Records of a collection: lists a page at a time, single ones, and what is written to them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { address, api, type UploadOptions, upload } from "@/api/client";
import { keys } from "@/api/queries";
import type { RecordData } from "@/api/types";

export interface RecordsQuery {
  page?: number;
  perPage?: number;
  sort?: string;
  filter?: string;
  fields?: string;
  expand?: string;
  /** Where nobody looks at how many there are. */
  skipTotal?: boolean;
}

const many = "/api/collections/{collection}/records";
const one = "/api/collections/{collection}/records/{id}";

/** Where the records of a collection are. */
export const recordsPath = (collection: string) => address(many, { path: { collection } });

/** A page of records, asked for once. */
export function fetchRecords(collection: string, query: RecordsQuery, signal?: AbortSignal) {
  return api.get(many, { path: { collection }, query: { ...query }, signal });
}

/** The most records that one request brings; a longer page comes in parts. */
const partMax = 1000;

/** A page of any length. Who writes meanwhile may move a record from one part into the next, so each is taken once. */
async function fetchPage(collection: string, query: RecordsQuery, signal: AbortSignal) {
  const { page = 1, perPage = 0 } = query;
  if (perPage <= partMax) return fetchRecords(collection, query, signal);
  const parts = Math.ceil(perPage / partMax);
  const before = (page - 1) * parts;
  const first = await fetchRecords(collection, { ...query, page: before + 1, perPage: partMax }, signal);
  const found = new Map(first.items.map((record) => [record.id, record]));
  for (let part = 2, isFull = first.items.length === partMax; isFull && part <= parts; part += 1) {
    const more = { ...query, page: before + part, perPage: partMax, skipTotal: true };
    const { items } = await fetchRecords(collection, more, signal);
    for (const record of items) found.set(record.id, record);
    isFull = items.length === partMax;
  }
  const { totalItems } = first;
  return {
    page,
    perPage,
    totalItems,
    totalPages: Math.ceil(totalItems / perPage),
    items: [...found.values()],
  };
}

/** The rows of the page before stay until those of the next are there. */
export const recordsQuery = (collection: string, query: RecordsQuery) =>
  queryOptions({
    queryKey: [...keys.records, collection, "list", query],
    queryFn: ({ signal }) => fetchPage(collection, query, signal),
    placeholderData: keepPreviousData,
  });

/** A record with the tag of its version, to change it only if nobody else has. */
export interface Tagged {
  record: RecordData;
  etag: string | null;
}

async function tagged(send: (onTag: (tag: string | null) => void) => Promise<RecordData>): Promise<Tagged> {
  let etag: string | null = null;
  const record = await send((tag) => {
    etag = tag;
  });
  return { record, etag };
}

export function fetchRecord(collection: string, id: string, signal?: AbortSignal): Promise<Tagged> {
  return tagged((onTag) => api.get(one, { path: { collection, id }, signal, onTag }));
}

export const recordQuery = (collection: string, id: string) =>
  queryOptions({
    queryKey: [...keys.records, collection, "one", id],
    queryFn: ({ signal }) => fetchRecord(collection, id, signal),
  });

/** How many records there are, without fetching any. */
export const recordCountQuery = (collection: string) =>
  queryOptions({
    queryKey: [...keys.records, collection, "count"],
    queryFn: async ({ signal }) =>
      (await fetchRecords(collection, { perPage: 1, fields: "id" }, signal)).totalItems,
    staleTime: 30_000,
  });

/** What is sent: an object, or a form when there are files to upload. */
export type RecordBody = Record<string, unknown> | FormData;

type SaveOptions = Pick<UploadOptions, "onProgress" | "ifMatch">;

export function saveRecord(
  collection: string,
  id: string | null,
  body: RecordBody,
  { onProgress, ifMatch }: SaveOptions = {},
): Promise<Tagged> {
  if (id === null) {
    const path = { collection };
    return tagged((onTag) =>
      body instanceof FormData
        ? upload(many, body, { path, onProgress, onTag })
        : api.post(many, { path, body, onTag }),
    );
  }
  const path = { collection, id };
  return tagged((onTag) =>
    body instanceof FormData
      ? upload(one, body, { method: "PATCH", path, onProgress, ifMatch, onTag })
      : api.patch(one, { path, body, ifMatch, onTag }),
  );
}

/** Gives the same change to every record that a filter finds, all or none of them. At most 1,000 in one go. */
export function updateRecords(
  collection: string,
  filter: string,
  body: Record<string, unknown>,
): Promise<{ count: number }> {
  return api.patch(many, { path: { collection }, query: { filter }, body });
}

/** Deletes every record that a filter finds, all or none of them. At most 1,000 in one go. */
export function deleteRecords(
  collection: string,
  filter: string,
  { keepalive }: { keepalive?: boolean } = {},
): Promise<{ count: number }> {
  return api.delete(many, { path: { collection }, query: { filter }, keepalive });
}

export function deleteRecord(collection: string, id: string): Promise<void> {
  return api.delete(one, { path: { collection, id } });
}

/** Where a file of a record is read. */
export function fileUrl(record: RecordData, collection: string, name: string, token?: string): string {
  const path = { collection: record.collectionId ?? collection, id: record.id, filename: name };
  return address("/api/files/{collection}/{id}/{filename}", { path, query: { token } });
}

/** A short-lived right to read protected files. */
export async function fetchFileToken(): Promise<string> {
  return (await api.post("/api/files/token")).token;
}

/** A few of the latest, to try something on. */
export const sampleRecordsQuery = (collection: string) =>
  queryOptions({
    queryKey: [...keys.records, collection, "sample"],
    queryFn: async ({ signal }) =>
      (await fetchRecords(collection, { perPage: 20, skipTotal: true }, signal)).items,
  });
