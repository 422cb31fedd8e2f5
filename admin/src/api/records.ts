/** Records of a collection: lists a page at a time, single ones, and what is written to them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type UploadOptions, upload } from "@/api/client";
import { keys } from "@/api/queries";
import type { Page, RecordData } from "@/api/types";

export interface RecordsQuery {
  page?: number;
  perPage?: number;
  sort?: string;
  filter?: string;
  fields?: string;
  expand?: string;
}

export const recordsPath = (collection: string) =>
  `/api/collections/${encodeURIComponent(collection)}/records`;

const recordPath = (collection: string, id: string) => `${recordsPath(collection)}/${encodeURIComponent(id)}`;

/** The rows of the page before stay until those of the next are there. */
export const recordsQuery = (collection: string, query: RecordsQuery) =>
  queryOptions({
    queryKey: [...keys.records, collection, "list", query],
    queryFn: ({ signal }) =>
      api.get<Page<RecordData>>(recordsPath(collection), { query: { ...query }, signal }),
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
  return tagged((onTag) => api.get<RecordData>(recordPath(collection, id), { signal, onTag }));
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
    queryFn: async ({ signal }) => {
      const query = { perPage: 1, fields: "id" };
      return (await api.get<Page<RecordData>>(recordsPath(collection), { query, signal })).totalItems;
    },
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
  const path = id === null ? recordsPath(collection) : recordPath(collection, id);
  const method = id === null ? "POST" : "PATCH";
  return tagged((onTag) => {
    if (body instanceof FormData) return upload(path, body, { method, onProgress, ifMatch, onTag });
    return id === null ? api.post(path, { body, onTag }) : api.patch(path, { body, ifMatch, onTag });
  });
}

/** Gives the same change to every record that a filter finds, all or none of them. At most 1,000 in one go. */
export function updateRecords(
  collection: string,
  filter: string,
  body: Record<string, unknown>,
): Promise<{ count: number }> {
  return api.patch(recordsPath(collection), { query: { filter }, body });
}

export function deleteRecord(collection: string, id: string): Promise<void> {
  return api.delete(recordPath(collection, id));
}

/** Where a file of a record is read. */
export function fileUrl(record: RecordData, collection: string, name: string, token?: string): string {
  const path = `/api/files/${encodeURIComponent(record.collectionId ?? collection)}`;
  const query = token ? `?token=${encodeURIComponent(token)}` : "";
  return `${path}/${encodeURIComponent(record.id)}/${encodeURIComponent(name)}${query}`;
}

/** A short-lived right to read protected files. */
export async function fetchFileToken(): Promise<string> {
  const { token } = await api.post<{ token: string }>("/api/files/token");
  return token;
}

/** A few of the latest, to try something on. */
export const sampleRecordsQuery = (collection: string) =>
  queryOptions({
    queryKey: [...keys.records, collection, "sample"],
    queryFn: async ({ signal }) => {
      const query = { perPage: 20, skipTotal: true };
      return (await api.get<Page<RecordData>>(recordsPath(collection), { query, signal })).items;
    },
  });
