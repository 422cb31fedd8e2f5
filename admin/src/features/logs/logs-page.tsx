import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Page } from "@/components/page";
import { t } from "@/i18n";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { Activity } from "./activity";
import { Requests } from "./requests";
import type { LogTab } from "./search";

const route = getRouteApi("/shell/logs");

export function LogsPage(): ReactElement {
  const { tab = "requests" } = route.useSearch();
  const navigate = route.useNavigate();
  const openTab = (next: string) =>
    void navigate({ search: next === "requests" ? {} : { tab: next as LogTab }, replace: true });

  return (
    <Page wide title={t("requests.page")} description={t("requests.pageText")}>
      <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <TabsList aria-label={t("requests.tabs")}>
          <TabsTrigger value="requests">{t("requests.title")}</TabsTrigger>
          <TabsTrigger value="activity">{t("activity.title")}</TabsTrigger>
        </TabsList>
        <TabsContent value="requests">
          <Requests />
        </TabsContent>
        <TabsContent value="activity">
          <Activity />
        </TabsContent>
      </Tabs>
    </Page>
  );
}
