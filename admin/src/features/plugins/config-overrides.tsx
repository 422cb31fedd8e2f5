import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { routeQuery, schedulesQuery } from "@/api/plugin-moments";
import { attachmentsQuery, collectionsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { isClocked, isRouted } from "./hooks";
import type { PluginTab } from "./search";

interface Place {
  key: string;
  name: string;
  tab: PluginTab;
  /** What it says itself, and so not what holds for the others. */
  own: string[];
}

/** Every place where the plugin is called, with the keys that it has values of its own for. */
export function ConfigOverrides({ plugin }: { plugin: Plugin }) {
  const attachments = useQuery(attachmentsQuery(plugin.id));
  const collections = useQuery(collectionsQuery());
  const schedules = useQuery({ ...schedulesQuery(plugin.id), enabled: isClocked(plugin.exports) });
  const route = useQuery({ ...routeQuery(plugin.id), enabled: isRouted(plugin.exports) });
  const collectionName = (reference: string) =>
    collections.data?.find(({ id, name }) => [id, name].includes(reference))?.name ?? reference;
  const own = (config: object | null | undefined) => Object.keys(config ?? {});

  const places: Place[] = [
    ...(attachments.data ?? []).map(({ id, collection, config }) => ({
      key: id,
      name: collectionName(collection),
      tab: "runs" as const,
      own: own(config),
    })),
    ...(schedules.data ?? []).map(({ id, name, config }) => ({
      key: id,
      name,
      tab: "schedules" as const,
      own: own(config),
    })),
    ...(route.data
      ? [{ key: "route", name: route.data.path, tab: "route" as const, own: own(route.data.config) }]
      : []),
  ];
  return (
    <Card className="grid content-start gap-3 px-4 py-4 sm:px-5">
      <header className="grid gap-0.5">
        <h3 className="font-medium">{t("configuration.places")}</h3>
        <p className="text-ink-soft text-sm">
          {t(places.length > 0 ? "configuration.placesText" : "configuration.nowhere")}
        </p>
      </header>
      {places.length > 0 && (
        <ul aria-label={t("configuration.places")} className="grid gap-2.5">
          {places.map(({ key, name, tab, own: keys }) => (
            <li key={key} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
              <Link
                {...paths.plugin(plugin.id, tab)}
                className="inline-flex min-h-6 items-center font-medium underline-offset-4 [overflow-wrap:anywhere] hover:underline"
              >
                {name}
              </Link>
              <span className="ml-auto flex flex-wrap justify-end gap-1">
                {keys.length === 0 ? (
                  <span className="text-ink-soft">{t("configuration.same")}</span>
                ) : (
                  keys.map((each) => (
                    <Badge key={each} tone="outline" className="font-mono">
                      {each}
                    </Badge>
                  ))
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
