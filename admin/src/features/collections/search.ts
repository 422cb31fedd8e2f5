/** The search parameters of the collection pages: what of them a link can carry. */

export interface CollectionsSearch {
  search?: string;
  /** System collections are shown too. */
  system?: "yes";
  /** The dialog for a new collection is open. */
  create?: "yes";
}

export function collectionsSearch({ search, system, create }: Record<string, unknown>): CollectionsSearch {
  return {
    ...(typeof search === "string" && search !== "" && { search }),
    ...(system === "yes" && { system }),
    ...(create === "yes" && { create }),
  };
}

export const collectionTabs = ["fields", "rules", "indexes", "options", "query"] as const;
export type CollectionTab = (typeof collectionTabs)[number];

/** The parts that a collection of a type has. */
export function tabsOf(type: string): CollectionTab[] {
  if (type === "auth") return ["fields", "rules", "indexes", "options"];
  if (type === "view") return ["fields", "query", "rules"];
  return ["fields", "rules", "indexes"];
}

export interface CollectionSearch {
  /** Absent for the first tab, so that the plain address is the usual one. */
  tab?: CollectionTab;
}

export function collectionSearch({ tab }: Record<string, unknown>): CollectionSearch {
  const known = collectionTabs.find((name) => name === tab);
  return known && known !== "fields" ? { tab: known } : {};
}
