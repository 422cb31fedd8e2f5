/** One field of one record is written from the table. */
import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import { fetchRecord, type RecordBody, recordQuery, saveRecord, type Tagged } from "@/api/records";
import type { Field, Page, RecordData } from "@/api/types";
import { same } from "./use-record-form";

interface CellChange {
  collection: string;
  id: string;
  field: Field;
  /** What the change is a change of. */
  before: unknown;
  body: RecordBody;
  /** Whatever is there by now. */
  overwrite: boolean;
}

export type CellOutcome = { saved: Tagged } | { theirs: RecordData };

/** Others may write to the same record meanwhile, but not all the time. */
const triesMax = 5;

/**
 * The list knows no tags, so the record is asked for first. Changes of others to other fields are no obstacle; to this one
 * they are told and not overwritten, unless that is what is wanted.
 */
export async function saveCell(change: CellChange): Promise<CellOutcome> {
  const { collection, id, field, before, body, overwrite } = change;
  for (let tries = 1; ; tries += 1) {
    const { record, etag } = await fetchRecord(collection, id);
    if (!overwrite && !same(record[field.name], before)) return { theirs: record };
    try {
      return { saved: await saveRecord(collection, id, body, { ifMatch: etag }) };
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412) || tries >= triesMax) throw error;
    }
  }
}

/** Puts a record where it is shown. The order of the rows stays until the list is fetched again: nothing jumps away. */
export function putRecord(client: QueryClient, collection: string, field: Field, saved: Tagged): void {
  const { record } = saved;
  client.setQueryData(recordQuery(collection, record.id).queryKey, saved);
  const lists = { queryKey: [...keys.records, collection, "list"] };
  client.setQueriesData<Page<RecordData>>(
    lists,
    (page) =>
      page && {
        ...page,
        items: page.items.map((row) =>
          row.id === record.id ? { ...row, ...record, ...(row.expand ? { expand: row.expand } : {}) } : row,
        ),
      },
  );
  // Names of related records come with the list alone.
  void client.invalidateQueries({ ...lists, refetchType: field.type === "relation" ? "active" : "none" });
}
