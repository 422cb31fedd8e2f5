import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { type ActivityEntry, activityQuery } from "@/api/logs";
import { actionLabel, actionTone, kindLabel, whoActed } from "@/components/activity-words";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";

const shownMax = 8;

/** Who changed what, last. */
export function RecentActivity() {
  const activity = useQuery(activityQuery({ page: 1, perPage: shownMax }));
  return (
    <Section
      title={t("home.activity")}
      actions={
        <Link
          {...paths.activity()}
          className="inline-flex min-h-6 items-center text-accent text-sm underline-offset-4 hover:underline"
        >
          {t("home.activityAll")}
        </Link>
      }
    >
      <QueryView query={activity} label={t("home.activity")} skeleton={<Skeleton className="h-40 w-full" />}>
        {({ items }) =>
          items.length === 0 ? (
            <Notice icon={History} title={t("home.activityNone")} className="py-8">
              {t("home.activityNoneText")}
            </Notice>
          ) : (
            <Card className="overflow-hidden">
              <ul aria-label={t("home.activity")} className="divide-y divide-line">
                {items.map((entry) => (
                  <li key={entry.id}>
                    <Entry entry={entry} />
                  </li>
                ))}
              </ul>
            </Card>
          )
        }
      </QueryView>
    </Section>
  );
}

function Entry({ entry }: { entry: ActivityEntry }) {
  const { id, action, kind, name, subject, created } = entry;
  return (
    <Link
      {...paths.activity(id)}
      className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-2 hover:bg-hover/55 focus-visible:outline-offset-[-2px]"
    >
      <Badge tone={actionTone(action)}>{actionLabel(action)}</Badge>
      <span className="min-w-0 flex-1 truncate text-sm">
        <span className="text-ink-soft">{kindLabel(kind)}</span> {name || subject}
      </span>
      <span className="truncate text-ink-soft text-xs max-sm:basis-full">
        {whoActed(entry)} · <Moment value={created} />
      </span>
    </Link>
  );
}
