/** The records that a relation points at. */
import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/queries";
import { recordsQuery } from "@/api/records";
import type { Collection, Field } from "@/api/types";
import { presentation, quoted } from "@/components/presentation";

export function useTarget(field: Field): Collection | undefined {
  const collections = useQuery(collectionsQuery());
  return collections.data?.find(({ id }) => id === field.collectionId);
}

/** Names for ids, as far as they are known. */
export function useLabels(target: Collection | undefined, ids: string[]): (id: string) => string {
  const filter = ids.map((id) => `id = ${quoted(id)}`).join(" || ");
  const found = useQuery({
    ...recordsQuery(target?.name ?? "", { perPage: Math.max(ids.length, 1), filter }),
    enabled: target !== undefined && ids.length > 0,
  });
  return (id) => {
    const record = found.data?.items.find((each) => each.id === id);
    return record ? presentation(record, target) : id;
  };
}
