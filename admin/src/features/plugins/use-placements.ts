import { useQueries, useQuery } from "@tanstack/react-query";
import { attachmentsQuery, pluginsQuery } from "@/api/queries";
import type { QueryLike } from "@/components/query-view";
import { inOrder, type Placement } from "./order";

/** Every place where a plugin runs, as one query: the API tells them plugin by plugin. */
export function usePlacements(): QueryLike<Placement[]> {
  const plugins = useQuery(pluginsQuery());
  const all = plugins.data ?? [];
  const lists = useQueries({ queries: all.map(({ id }) => attachmentsQuery(id)) });
  const whole = plugins.data !== undefined && lists.every(({ data }) => data !== undefined);
  return {
    data: whole
      ? inOrder(
          all.flatMap((plugin, at) => (lists[at]?.data ?? []).map((attachment) => ({ plugin, attachment }))),
        )
      : undefined,
    error: plugins.error ?? lists.find(({ error }) => error)?.error ?? null,
    isFetching: plugins.isFetching || lists.some(({ isFetching }) => isFetching),
    refetch: () => Promise.all([plugins.refetch(), ...lists.map(({ refetch }) => refetch())]),
  };
}
