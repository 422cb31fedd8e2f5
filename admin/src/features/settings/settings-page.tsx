import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { settingsQuery } from "@/api/settings";
import { Page } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { ApiKeys } from "./api-keys";
import { Backups } from "./backups";
import { Jobs } from "./jobs";
import { RateLimits } from "./rate-limits";
import type { SettingsTab } from "./search";
import { backupSections, sections, storageSections, syncSections } from "./sections";
import { ServerInfo } from "./server-info";
import { Sessions } from "./sessions";
import { SettingsForm } from "./settings-form";
import { StorageMovePanel } from "./storage-move";
import { Superusers } from "./superusers";
import { SyncState } from "./sync-state";
import { TopicsForm } from "./topics";

const route = getRouteApi("/shell/settings");

export function SettingsPage(): ReactElement {
  const { tab = "general" } = route.useSearch();
  const navigate = route.useNavigate();
  const settings = useQuery(settingsQuery());

  // Until it is known what this server has, and where that cannot be found out, there is a place that says so.
  const has = (section: string) => !settings.data || settings.data.settings[section] !== undefined;

  const openTab = (next: string) =>
    void navigate({
      search: { tab: next === "general" ? undefined : (next as SettingsTab) },
      replace: true,
    });

  return (
    <Page title={t("settings.title")} description={t("settings.text")}>
      <Tabs value={tab} onValueChange={openTab} className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <TabsList aria-label={t("settings.tabs")}>
          <TabsTrigger value="general">{t("settings.general")}</TabsTrigger>
          {has("s3") && <TabsTrigger value="storage">{t("storage.title")}</TabsTrigger>}
          <TabsTrigger value="keys">{t("apiKeys.title")}</TabsTrigger>
          {has("rateLimits") && <TabsTrigger value="limits">{t("limits.title")}</TabsTrigger>}
          {has("realtime") && <TabsTrigger value="topics">{t("topics.title")}</TabsTrigger>}
          <TabsTrigger value="jobs">{t("jobs.title")}</TabsTrigger>
          <TabsTrigger value="backups">{t("backups.title")}</TabsTrigger>
          {has("sync") && <TabsTrigger value="sync">{t("sync.title")}</TabsTrigger>}
          <TabsTrigger value="superusers">{t("superusers.title")}</TabsTrigger>
          <TabsTrigger value="sessions">{t("sessions.title")}</TabsTrigger>
          <TabsTrigger value="server">{t("server.title")}</TabsTrigger>
        </TabsList>
        {/* Kept while another tab is looked at, so that nothing typed is lost. */}
        <TabsContent value="general" forceMount className="data-[state=inactive]:hidden">
          <QueryView query={settings} label={t("settings.title")} skeleton={<FormSkeleton />}>
            {(stored) => <SettingsForm stored={stored} sections={sections} kept />}
          </QueryView>
        </TabsContent>
        <TabsContent value="storage">
          <QueryView query={settings} label={t("storage.title")} skeleton={<FormSkeleton />}>
            {(stored) =>
              stored.settings.s3 && (
                <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
                  <SettingsForm stored={stored} sections={storageSections} />
                  <StorageMovePanel
                    to={stored.settings.s3.enabled ? "s3" : "local"}
                    hasBucket={Boolean(stored.settings.s3.bucket)}
                  />
                </div>
              )
            }
          </QueryView>
        </TabsContent>
        <TabsContent value="keys">
          <ApiKeys />
        </TabsContent>
        <TabsContent value="limits" forceMount className="data-[state=inactive]:hidden">
          <QueryView query={settings} label={t("limits.title")} skeleton={<FormSkeleton />}>
            {(stored) => stored.settings.rateLimits && <RateLimits stored={stored} />}
          </QueryView>
        </TabsContent>
        <TabsContent value="topics" forceMount className="data-[state=inactive]:hidden">
          <QueryView query={settings} label={t("topics.title")} skeleton={<FormSkeleton />}>
            {(stored) => stored.settings.realtime && <TopicsForm stored={stored} />}
          </QueryView>
        </TabsContent>
        <TabsContent value="jobs">
          <Jobs />
        </TabsContent>
        <TabsContent value="backups" className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Backups />
          {settings.data && <SettingsForm stored={settings.data} sections={backupSections} />}
        </TabsContent>
        <TabsContent value="sync">
          <QueryView query={settings} label={t("sync.title")} skeleton={<FormSkeleton />}>
            {(stored) => (
              <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
                <SettingsForm stored={stored} sections={syncSections} />
                <SyncState />
              </div>
            )}
          </QueryView>
        </TabsContent>
        <TabsContent value="superusers">
          <Superusers />
        </TabsContent>
        <TabsContent value="sessions">
          <Sessions />
        </TabsContent>
        <TabsContent value="server">
          <ServerInfo />
        </TabsContent>
      </Tabs>
    </Page>
  );
}

function FormSkeleton() {
  return (
    <Card className="grid gap-5 p-5">
      {["a", "b", "c", "d"].map((place) => (
        <Skeleton key={place} className="h-9 w-full" />
      ))}
    </Card>
  );
}
