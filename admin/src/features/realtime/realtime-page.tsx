import { getRouteApi } from "@tanstack/react-router";
import { Pause, Play, Radio, RotateCw, Trash2, X } from "lucide-react";
import { type ReactElement, useEffect } from "react";
import type { ConnectionStatus } from "@/api/realtime";
import { CommandLine } from "@/components/code";
import { Page } from "@/components/page";
import { NoMatches, Notice } from "@/components/query-view";
import { SearchInput } from "@/components/search-input";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/ui/tabs";
import { Clients } from "./clients";
import { EventList } from "./event-list";
import { PublishForm } from "./publish-form";
import { SubscribeForm } from "./subscribe-form";
import { type Seen, type Subscription, useRealtime } from "./use-realtime";

const route = getRouteApi("/shell/realtime");

export function RealtimePage(): ReactElement {
  const { tab = "events", search = "", topic } = route.useSearch();
  const navigate = route.useNavigate();
  const realtime = useRealtime();
  const { status, subscriptions, events, held, paused, gap, subscribe, unsubscribe } = realtime;

  // A link can bring a topic along.
  useEffect(() => {
    if (topic) void subscribe(topic, "").catch(() => {});
  }, [topic, subscribe]);

  const setSearch = (text: string) =>
    void navigate({ search: (current) => ({ ...current, search: text || undefined }), replace: true });
  const shown = events.filter((event) => matches(event, search));

  return (
    <Page
      title={t("realtime.title")}
      description={t("realtime.text")}
      badges={<Status status={status} onRetry={realtime.retry} />}
    >
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({ search: next === "clients" ? { tab: "clients" } : {}, replace: true })
        }
        className="grid grid-cols-[minmax(0,1fr)] gap-5"
      >
        <TabsList aria-label={t("realtime.tabs")}>
          <TabsTrigger value="events">{t("realtime.events")}</TabsTrigger>
          <TabsTrigger value="clients">{t("clients.title")}</TabsTrigger>
        </TabsList>
        <TabsContent value="clients">
          <Clients />
        </TabsContent>
        {/* Kept while the clients are looked at, so that nothing is missed meanwhile. */}
        <TabsContent
          value="events"
          forceMount
          className="grid grid-cols-[minmax(0,1fr)] gap-4 data-[state=inactive]:hidden"
        >
          <SubscribeForm onSubscribe={subscribe} />
          <PublishForm />
          <Topics subscriptions={subscriptions} onRemove={unsubscribe} />
          {gap && (
            <Alert tone="warning" title={t("realtime.gap")}>
              {t("realtime.gapText")}
            </Alert>
          )}
          <div className="flex flex-wrap items-center gap-2">
            <SearchInput
              label={t("realtime.search")}
              placeholder={t("realtime.search")}
              value={search}
              onChange={setSearch}
              className="w-full sm:w-72"
            />
            <p role="status" className="text-ink-soft text-sm tabular-nums sm:ml-auto">
              {paused ? t("realtime.held", { count: held }) : t("realtime.count", { count: shown.length })}
            </p>
            <Button aria-pressed={paused} onClick={() => realtime.pause(!paused)}>
              {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
              {paused ? t("realtime.resume") : t("realtime.pause")}
            </Button>
            <Button disabled={events.length === 0 && held === 0} onClick={realtime.clear}>
              <Trash2 aria-hidden />
              {t("realtime.clear")}
            </Button>
          </div>
          {shown.length > 0 ? (
            <EventList events={shown} />
          ) : events.length > 0 ? (
            <NoMatches text={search} onClear={() => setSearch("")} />
          ) : (
            <Waiting subscriptions={subscriptions} />
          )}
        </TabsContent>
      </Tabs>
    </Page>
  );
}

function matches(event: Seen, search: string): boolean {
  const needle = search.trim().toLowerCase();
  const content = JSON.stringify(event.record ?? event.data);
  return needle === "" || `${event.topic} ${event.action} ${content}`.toLowerCase().includes(needle);
}

const looks: Record<ConnectionStatus, { label: PlainKey; tone: BadgeTone }> = {
  connecting: { label: "realtime.connecting", tone: "neutral" },
  open: { label: "realtime.connected", tone: "success" },
  waiting: { label: "realtime.waiting", tone: "warning" },
};

function Status({ status, onRetry }: { status: ConnectionStatus; onRetry: () => void }) {
  const { label, tone } = looks[status];
  return (
    <span role="status" className="inline-flex items-center gap-2">
      <Badge tone={tone}>
        <span aria-hidden className="size-1.5 rounded-full bg-current" />
        {t(label)}
      </Badge>
      {status === "waiting" && (
        <Button size="icon-sm" variant="ghost" aria-label={t("action.retry")} onClick={onRetry}>
          <RotateCw aria-hidden />
        </Button>
      )}
    </span>
  );
}

interface TopicsProps {
  subscriptions: Subscription[];
  onRemove: (topic: string) => void;
}

function Topics({ subscriptions, onRemove }: TopicsProps) {
  if (subscriptions.length === 0) return null;
  return (
    <ul aria-label={t("realtime.topics")} className="flex flex-wrap gap-2">
      {subscriptions.map(({ topic, filter }) => (
        <li
          key={topic}
          className="flex max-w-full items-center gap-1.5 rounded-lg border border-line bg-surface py-0.5 pr-0.5 pl-2.5 shadow-lift"
        >
          <span className="min-w-0 truncate font-mono text-[0.8125rem]">
            {topic}
            {filter && <span className="text-ink-soft">{` · ${filter}`}</span>}
          </span>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("realtime.remove", { topic })}
            onClick={() => onRemove(topic)}
          >
            <X aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Waiting({ subscriptions }: { subscriptions: Subscription[] }) {
  const first = subscriptions[0]?.topic ?? "posts/*";
  return (
    <Notice
      icon={Radio}
      title={subscriptions.length > 0 ? t("realtime.empty.listening") : t("realtime.empty.title")}
      footer={<CommandLine command={`pb.collection("${first.split("/")[0]}").subscribe("*", console.log)`} />}
    >
      {subscriptions.length > 0 ? t("realtime.empty.listeningText") : t("realtime.empty.text")}
    </Notice>
  );
}
