import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ListOrdered } from "lucide-react";
import { collectionsQuery, keys, updateAttachment } from "@/api/queries";
import { describeError } from "@/components/describe-error";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Select } from "@/ui/select";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { type Placement, renumbered } from "./order";
import { SortablePlacements } from "./sortable-placements";
import { usePlacements } from "./use-placements";
import { WritePathCard } from "./write-path-card";

const route = getRouteApi("/shell/plugins");

/** Of one collection: the plugins in the order in which they run, to be changed, and what a write goes through. */
export function RunOrder() {
  const { collection } = route.useSearch();
  const navigate = route.useNavigate();
  const placements = usePlacements();
  const collections = useQuery(collectionsQuery());
  const busy = new Set(placements.data?.map(({ attachment }) => attachment.collection));
  // A collection that is asked for is shown also if nothing runs there.
  if (collection && collections.data?.some(({ name }) => name === collection)) busy.add(collection);
  const names = [...busy].sort((a, b) => a.localeCompare(b));
  const chosen = names.find((name) => name === collection) ?? names[0];

  return (
    <Section
      title={t("order.title")}
      description={t("order.text")}
      actions={
        chosen && (
          <Select
            aria-label={t("attach.collection")}
            className="w-full sm:w-56"
            value={chosen}
            onChange={({ target }) =>
              void navigate({
                search: (current) => ({ ...current, collection: target.value }),
                replace: true,
              })
            }
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        )
      }
    >
      <QueryView query={placements} label={t("order.title")} skeleton={<OrderSkeleton />}>
        {(all) =>
          chosen ? (
            <OrderOf
              key={chosen}
              collection={chosen}
              placements={all.filter(({ attachment }) => attachment.collection === chosen)}
            />
          ) : (
            <Notice icon={ListOrdered} title={t("order.empty.title")}>
              {t("order.empty.text")}
            </Notice>
          )
        }
      </QueryView>
    </Section>
  );
}

function OrderOf({ collection, placements }: { collection: string; placements: Placement[] }) {
  const queryClient = useQueryClient();
  const move = useMutation({
    mutationFn: async ({ next, movedId }: { next: Placement[]; movedId: string }) => {
      // One after the other: what fails in the middle leaves an order that is shown as it is.
      for (const { placement, order } of renumbered(next, movedId)) {
        await updateAttachment(placement.plugin.id, placement.attachment.id, { order });
      }
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.plugins }),
  });
  const shown = move.isPending ? move.variables.next : placements;

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 lg:grid-cols-2">
      {placements.length > 0 ? (
        <SortablePlacements
          placements={shown}
          pending={move.isPending}
          onMove={(next, movedId) => move.mutate({ next, movedId })}
        />
      ) : (
        <Notice icon={ListOrdered} title={t("order.none.title", { collection })} className="py-8">
          {t("order.none.text")}
        </Notice>
      )}
      <WritePathCard collection={collection} placements={shown} />
    </div>
  );
}

function OrderSkeleton() {
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {["list", "path"].map((place) => (
        <Card key={place} className="grid gap-5 p-5">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-8 w-full" />
          <Skeleton className="h-8 w-full" />
        </Card>
      ))}
    </div>
  );
}
