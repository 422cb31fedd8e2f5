import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Collection } from "@/api/types";
import { CollectionIcon } from "@/components/collection-type";
import { Section } from "@/components/page";
import { type QueryLike, QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";

/** How many are offered before somebody asks for all of them. */
const shownMax = 24;

interface TableListProps {
  collections: QueryLike<Collection[]>;
  onTake: (name: string) => void;
}

/** What there is to ask of: the collections, each the beginning of a statement. */
export function TableList({ collections, onTake }: TableListProps) {
  return (
    <Section title={t("sql.tables")} description={t("sql.tablesText")}>
      <QueryView query={collections} label={t("sql.tables")} skeleton={<Skeleton className="h-9 w-full" />}>
        {(all) => <Names collections={all.filter(({ system }) => !system)} onTake={onTake} />}
      </QueryView>
    </Section>
  );
}

function Names({ collections, onTake }: { collections: Collection[]; onTake: (name: string) => void }) {
  const [all, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const showAll = () => {
    flushSync(() => setAll(true));
    // The button that was pressed goes; what it has brought begins here.
    list.current?.children[shownMax]?.querySelector("button")?.focus();
  };
  if (collections.length === 0) return <p className="text-ink-soft text-sm">{t("sql.tablesNone")}</p>;
  return (
    <ul ref={list} aria-label={t("sql.tables")} className="flex flex-wrap gap-2">
      {collections.slice(0, all ? undefined : shownMax).map(({ name, type }) => (
        <li key={name} className="min-w-0">
          <Button size="sm" className="max-w-full" onClick={() => onTake(name)}>
            <CollectionIcon type={type} className="text-ink-soft" />
            <span className="truncate font-mono">{name}</span>
          </Button>
        </li>
      ))}
      {!all && collections.length > shownMax && (
        <li>
          <Button size="sm" variant="ghost" onClick={showAll}>
            {t("sql.tablesAll", { count: collections.length })}
          </Button>
        </li>
      )}
    </ul>
  );
}
