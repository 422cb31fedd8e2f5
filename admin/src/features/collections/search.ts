/** The search parameters of the collection pages: what of them a link can carry. */

export interface CollectionsSearch {
  search?: string;
  /** System collections are shown too. */
  system?: "yes";
}

export function collectionsSearch({ search, system }: Record<string, unknown>): CollectionsSearch {
  return {
    ...(typeof search === "string" && search !== "" && { search }),
    ...(system === "yes" && { system }),
  };
}

export const collectionTabs = ["fields", "rules"] as const;
export type CollectionTab = (typeof collectionTabs)[number];

export interface CollectionSearch {
  /** Absent for the first tab, so that the plain address is the usual one. */
  tab?: CollectionTab;
}

export function collectionSearch({ tab }: Record<string, unknown>): CollectionSearch {
  const known = collectionTabs.find((name) => name === tab);
  return known && known !== "fields" ? { tab: known } : {};
}
