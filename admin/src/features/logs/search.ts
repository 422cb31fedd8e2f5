/** The search parameters of the logs: what a link to some of them carries. */

export const logTabs = ["requests", "activity"] as const;
export type LogTab = (typeof logTabs)[number];

/** How far back; the first is usual. */
export const spans = ["day", "threeDays", "week"] as const;
export type Span = (typeof spans)[number];

export const outcomes = ["failed", "refused", "slow"] as const;
export type Outcome = (typeof outcomes)[number];

export interface LogsSearch {
  tab?: LogTab;
  span?: Span;
  outcome?: Outcome;
  filter?: string;
  /** Only what happened from this moment on, for as long as a bar of the chart stands for. */
  from?: string;
  /** What kind of thing was changed. */
  kind?: string;
  page?: number;
  /** The entry whose details are shown. */
  entry?: string;
}

export function logsSearch(search: Record<string, unknown>): LogsSearch {
  const page = Number(search.page);
  const tab = logTabs.find((each) => each === search.tab);
  const span = spans.find((each) => each === search.span);
  const outcome = outcomes.find((each) => each === search.outcome);
  return {
    ...(tab && tab !== "requests" && { tab }),
    ...(span && span !== "day" && { span }),
    ...(outcome && { outcome }),
    ...text(search, "filter"),
    ...text(search, "from"),
    ...text(search, "kind"),
    ...(Number.isInteger(page) && page > 1 && { page }),
    ...text(search, "entry"),
  };
}

function text<K extends string>(search: Record<string, unknown>, key: K): { [P in K]?: string } {
  const value = search[key];
  return typeof value === "string" && value !== "" ? ({ [key]: value } as { [P in K]: string }) : {};
}
