/** The search parameters of the plugin pages: what of them a link can carry. */

export const pluginsTabs = ["installed", "order", "figures", "outbox"] as const;
export type PluginsTab = (typeof pluginsTabs)[number];

/** What figures can be sorted by. */
export const figuresColumns = ["name", "calls", "failures", "fuel", "time", "memory"] as const;
export type FiguresColumn = (typeof figuresColumns)[number];
export type FiguresSort = FiguresColumn | `-${FiguresColumn}`;
export const figuresSortUsual: FiguresSort = "-calls";

export interface PluginsSearch {
  /** Absent for the first tab, so that the plain address is the usual one. */
  tab?: PluginsTab;
  /** Whose order is looked at. */
  collection?: string;
  /** By which column figures are sorted, with a minus the largest first. */
  sort?: FiguresSort;
  /** Of the outbox: only these, the page, the event whose details are shown. */
  state?: "pending" | "dead";
  page?: number;
  event?: string;
}

export function pluginsSearch(search: Record<string, unknown>): PluginsSearch {
  const { tab, collection, state, event, sort } = search;
  const page = Number(search.page);
  const known = pluginsTabs.find((name) => name === tab);
  const sorted = figuresColumns.flatMap((name) => [name, `-${name}` as const]).find((each) => each === sort);
  return {
    ...(known && known !== "installed" && { tab: known }),
    ...(sorted && sorted !== figuresSortUsual && { sort: sorted }),
    ...(typeof collection === "string" && collection !== "" && { collection }),
    ...((state === "pending" || state === "dead") && { state }),
    ...(Number.isInteger(page) && page > 1 && { page }),
    ...(typeof event === "string" && event !== "" && { event }),
  };
}

export const pluginTabs = [
  "overview",
  "runs",
  "schedules",
  "route",
  "config",
  "grants",
  "test",
  "metrics",
  "versions",
  "log",
] as const;
export type PluginTab = (typeof pluginTabs)[number];
export const logLevels = ["debug", "info", "warn", "error"] as const;

export interface PluginSearch {
  tab?: PluginTab;
  /** Of the log: the least level, a hook, a text. */
  level?: (typeof logLevels)[number];
  hook?: string;
  search?: string;
  /** Of the test: what the hook is tried on. */
  collection?: string;
}

export function pluginSearch({
  tab,
  level,
  hook,
  search,
  collection,
}: Record<string, unknown>): PluginSearch {
  const knownTab = pluginTabs.find((name) => name === tab);
  const knownLevel = logLevels.find((name) => name === level);
  return {
    ...(knownTab && knownTab !== "overview" && { tab: knownTab }),
    ...(knownLevel && knownLevel !== "debug" && { level: knownLevel }),
    ...(typeof hook === "string" && hook !== "" && { hook }),
    ...(typeof search === "string" && search !== "" && { search }),
    ...(typeof collection === "string" && collection !== "" && { collection }),
  };
}
