import { Link } from "@tanstack/react-router";
import { Inbox, Plus } from "lucide-react";
import type { Collection } from "@/api/types";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";

/** In the place of a table that has no rows, and no filter that could be to blame. */
export function NoRecords({ collection }: { collection: Collection }) {
  return (
    <Notice
      icon={Inbox}
      title={t("records.empty.title")}
      actions={
        collection.type !== "view" && (
          <Button asChild variant="primary">
            <Link {...paths.record(collection.name, "new")}>
              <Plus aria-hidden />
              {t("records.new")}
            </Link>
          </Button>
        )
      }
    >
      {collection.type === "view" ? t("records.empty.view") : t("records.empty.text")}
    </Notice>
  );
}

export function TableSkeleton() {
  return (
    <Card className="grid gap-5 p-5">
      {["a", "b", "c", "d", "e", "f"].map((place) => (
        <Skeleton key={place} className="h-4 w-full" />
      ))}
    </Card>
  );
}
