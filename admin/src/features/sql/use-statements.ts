import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

/** How many statements can be taken again. */
const pastMax = 20;

interface Statements {
  draft: string;
  /** Newest first. */
  past: string[];
}

const none: Statements = { draft: "", past: [] };

/**
 * Kept in memory beside what was read, and gone with it when somebody else signs in. They are in no address and no storage: what
 * is typed here may hold secrets.
 */
const statementsQuery = () =>
  queryOptions({
    queryKey: ["sql-statements"],
    queryFn: () => none,
    initialData: none,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });

export function useStatements() {
  const queryClient = useQueryClient();
  const { past, draft: begun } = useQuery(statementsQuery()).data;
  // What is typed is also kept where the way back finds it; an input cannot wait for that.
  const [draft, setDraft] = useState(begun);
  const keep = (change: (current: Statements) => Statements) =>
    queryClient.setQueryData<Statements>(statementsQuery().queryKey, (current = none) => change(current));
  const type = (text: string) => {
    setDraft(text);
    keep((current) => ({ ...current, draft: text }));
  };
  const remember = (query: string) =>
    keep((current) => ({ ...current, past: remembered(current.past, query) }));
  return {
    draft,
    past,
    type,
    remember,
    /** Puts a statement in the place of the typed one, which can be taken again. */
    take: (query: string) => {
      remember(draft);
      type(query);
    },
  };
}

/** A statement is in the list once, where it was used last. */
export function remembered(past: string[], query: string): string[] {
  const text = query.trim();
  return text === "" ? past : [text, ...past.filter((each) => each !== text)].slice(0, pastMax);
}
