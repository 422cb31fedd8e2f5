import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Blocks, CircleCheck, CircleDashed, Files, Layers, Rows3, UsersRound } from "lucide-react";
import type { ReactElement } from "react";
import { collectionsQuery, pluginsQuery } from "@/api/queries";
import { statsQuery } from "@/api/system";
import type { Collection } from "@/api/types";
import { CommandLine } from "@/components/code";
import { CollectionIcon } from "@/components/collection-type";
import { Moment } from "@/components/moment";
import { Page, Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { HealthCard } from "./health-card";
import { RecentActivity } from "./recent-activity";
import { StatCard } from "./stat-card";

const recentMax = 6;
/** The id of the collection of accounts that is there from the start. */
const firstCollection = "_pb_users_auth_";

export function HomePage(): ReactElement {
  const collections = useQuery(collectionsQuery());
  const plugins = useQuery(pluginsQuery());
  const stats = useQuery(statsQuery());
  const own = (collections.data ?? []).filter(({ system }) => !system);
  // What every server begins with was done by nobody.
  const made = own.filter(({ id }) => id !== firstCollection);

  const countOf = (name: string) => stats.data?.totals.recordsOf[name];
  const sum = (choose: (collection: Collection) => boolean) =>
    stats.data && own.filter(choose).reduce((all, { name }) => all + (countOf(name) ?? 0), 0);
  const total = sum(({ type }) => type !== "view");

  return (
    <Page title={t("home.title")} description={t("home.text")}>
      <QueryView query={collections} label={t("home.title")} skeleton={<HomeSkeleton />}>
        {() => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
            <ul
              aria-label={t("home.totals")}
              className="grid grid-cols-2 gap-3 max-lg:[&>:last-child]:col-span-2 lg:grid-cols-5"
            >
              <StatCard
                icon={Layers}
                label={t("nav.collections")}
                value={own.length}
                to={paths.collections()}
              />
              <StatCard icon={Rows3} label={t("home.records")} value={total} to={paths.collections()} />
              <StatCard
                icon={UsersRound}
                label={t("home.users")}
                value={sum(({ type }) => type === "auth")}
                to={paths.collections()}
              />
              <StatCard
                icon={Files}
                label={t("home.files")}
                value={stats.data && (stats.data.storage.files ?? 0)}
                note={stats.data?.storage.complete === false ? t("home.atLeast") : undefined}
                to={paths.collections()}
              />
              <StatCard
                icon={Blocks}
                label={t("home.plugins")}
                value={plugins.data?.filter(({ state }) => state === "active").length}
                to={paths.plugins()}
              />
            </ul>
            <HealthCard />
            <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
              <RecentActivity />
              <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
                <GettingStarted
                  steps={[
                    { done: made.length > 0, text: t("home.step.collection"), to: paths.newCollection() },
                    { done: (total ?? 0) > 0, text: t("home.step.record"), to: paths.collections() },
                    {
                      done: made.some(({ listRule, createRule }) => listRule !== null || createRule !== null),
                      text: t("home.step.rule"),
                      to: paths.collections(),
                    },
                    {
                      done: (plugins.data?.length ?? 0) > 0,
                      text: t("home.step.plugin"),
                      to: paths.plugins(),
                    },
                  ]}
                />
                <Recent collections={own} count={countOf} />
              </div>
            </div>
            <Section title={t("home.connect")} description={t("home.connectText")}>
              <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
                <CommandLine command={`const pb = new PocketBase("${window.location.origin}")`} />
                <CommandLine
                  command={`curl ${window.location.origin}/api/collections/${own[0]?.name ?? "posts"}/records`}
                />
              </div>
            </Section>
          </div>
        )}
      </QueryView>
    </Page>
  );
}

interface RecentProps {
  collections: Collection[];
  count: (name: string) => number | undefined;
}

function Recent({ collections, count }: RecentProps) {
  const latest = [...collections].sort((a, b) => b.updated.localeCompare(a.updated)).slice(0, recentMax);
  return (
    <Section title={t("home.recent")}>
      {latest.length === 0 ? (
        <Notice icon={Layers} title={t("collections.empty.title")} className="py-8">
          {t("home.recentEmpty")}
        </Notice>
      ) : (
        <Card className="overflow-hidden">
          <ul aria-label={t("home.recent")} className="divide-y divide-line">
            {latest.map(({ id, name, type, updated }) => (
              <li key={id}>
                <Link
                  {...paths.records(name)}
                  className="flex min-h-11 items-center gap-3 px-4 py-2 hover:bg-hover/55 focus-visible:outline-offset-[-2px]"
                >
                  <CollectionIcon type={type} className="size-4 shrink-0 text-ink-soft" />
                  <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
                  <span className="text-ink-soft text-sm tabular-nums">
                    {count(name) !== undefined && t("home.count", { count: count(name) ?? 0 })}
                  </span>
                  <span className="w-28 text-right text-ink-soft text-sm max-sm:hidden">
                    <Moment value={updated} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Section>
  );
}

interface Step {
  done: boolean;
  text: string;
  to: Parameters<typeof Link>[0];
}

/** What a new project needs; gone when all of it is done. */
function GettingStarted({ steps }: { steps: Step[] }) {
  if (steps.every(({ done }) => done)) return null;
  return (
    <Section title={t("home.started")}>
      <Card className="p-2">
        <ol className="grid">
          {steps.map(({ done, text, to }) => {
            const Icon = done ? CircleCheck : CircleDashed;
            return (
              <li key={text}>
                <Link
                  {...to}
                  className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 py-1.5 hover:bg-hover"
                >
                  <Icon
                    aria-hidden
                    className={done ? "size-4 shrink-0 text-success" : "size-4 shrink-0 text-ink-soft"}
                  />
                  <span className={done ? "text-ink-soft line-through" : undefined}>{text}</span>
                  {done && <span className="sr-only">{t("home.done")}</span>}
                </Link>
              </li>
            );
          })}
        </ol>
      </Card>
    </Section>
  );
}

function HomeSkeleton() {
  return (
    <div className="grid grid-cols-2 gap-3 max-lg:[&>:last-child]:col-span-2 lg:grid-cols-5">
      {["a", "b", "c", "d", "e"].map((place) => (
        <Card key={place} className="grid gap-3 p-4">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-7 w-16" />
        </Card>
      ))}
    </div>
  );
}
