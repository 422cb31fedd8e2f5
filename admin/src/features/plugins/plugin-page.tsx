import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import type { ReactElement } from "react";
import { collectionsQuery, pluginsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Code } from "@/components/code";
import { CopyButton } from "@/components/copy-button";
import { Moment } from "@/components/moment";
import { Page } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Alert } from "@/ui/alert";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { Attachments } from "./attachments";
import { Grants } from "./grants";
import { Inspection } from "./inspection";
import { PluginActions } from "./plugin-actions";
import { PluginLogs } from "./plugin-logs";
import { StateBadge } from "./plugin-signs";
import { Versions } from "./versions";

const route = getRouteApi("/shell/plugins/$id");

export function PluginPage(): ReactElement {
  const { id } = route.useParams();
  const navigate = route.useNavigate();

  const plugins = useQuery(pluginsQuery());
  const collections = useQuery(collectionsQuery());
  const plugin = plugins.data?.find((each) => each.id === id);

  const collectionName = (reference: string) =>
    collections.data?.find(({ id, name }) => id === reference || name === reference)?.name ?? reference;

  return (
    <Page
      title={plugin?.name ?? t("plugins.title")}
      back={{ to: paths.plugins(), place: t("plugins.title") }}
      badges={plugin && <StateBadge state={plugin.state} />}
      description={plugin && <Facts plugin={plugin} />}
      actions={
        plugin && (
          <PluginActions
            plugin={plugin}
            onDeleted={() => void navigate({ ...paths.plugins(), ignoreBlocker: true })}
          />
        )
      }
    >
      <QueryView query={plugins} label={t("plugins.title")} skeleton={<DetailSkeleton />}>
        {() =>
          plugin ? (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
              {plugin.state === "open" && (
                <Alert tone="warning" title={t("plugin.state.open")}>
                  {t("plugin.state.openText")}
                </Alert>
              )}
              <Inspection plugin={plugin} />
              <Attachments plugin={plugin} collectionName={collectionName} />
              {plugin.capabilities.includes("records") && <Grants plugin={plugin} />}
              <Versions plugin={plugin} />
              <PluginLogs plugin={plugin} />
            </div>
          ) : (
            <Notice icon={SearchX} title={t("plugin.missing.title")}>
              {t("plugin.missing.text")}
            </Notice>
          )
        }
      </QueryView>
    </Page>
  );
}

function Facts({ plugin: { id, version, created } }: { plugin: Plugin }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <span className="inline-flex items-center gap-0.5">
        <Code>{id}</Code>
        <CopyButton value={id} what={t("plugin.id")} />
      </span>
      {version && <span>{t("plugin.version", { version })}</span>}
      <span>
        {t("plugins.column.created")} <Moment value={created} />
      </span>
    </div>
  );
}

function DetailSkeleton() {
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {["hooks", "capabilities"].map((place) => (
        <Card key={place} className="grid gap-5 p-5">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </Card>
      ))}
    </div>
  );
}
