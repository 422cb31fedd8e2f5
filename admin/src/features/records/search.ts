/** The search parameters of the records of a collection: all that a link to a table should carry. */

export interface RecordsSearch {
  page?: number;
  perPage?: number;
  sort?: string;
  filter?: string;
  /** Columns that are not shown, by name, with commas between them. */
  hide?: string;
  /** The columns in the order in which they stand, likewise. */
  order?: string;
  /** The record whose panel is open, or `new`. */
  record?: string;
}

export const pageSizes = [25, 50, 100, 200, 500, 1000, 10_000] as const;
export const pageSizeUsual = 50;

export function recordsSearch(search: Record<string, unknown>): RecordsSearch {
  const page = wholeNumber(search.page);
  const perPage = wholeNumber(search.perPage);
  const known = pageSizes.find((size) => size === perPage);
  return {
    ...(page !== null && page > 1 && { page }),
    ...(known && known !== pageSizeUsual && { perPage: known }),
    ...text(search, "sort"),
    ...text(search, "filter"),
    ...text(search, "hide"),
    ...text(search, "order"),
    ...text(search, "record"),
  };
}

function wholeNumber(value: unknown): number | null {
  const number = Number(value);
  return Number.isInteger(number) ? number : null;
}

function text<K extends string>(search: Record<string, unknown>, key: K): { [P in K]?: string } {
  const value = search[key];
  const found = typeof value === "number" ? String(value) : value;
  return typeof found === "string" && found !== "" ? ({ [key]: found } as { [P in K]: string }) : {};
}

/** One press sorts upwards, the second downwards, the third not at all. */
export function nextSort(sort: string | undefined, field: string): string | undefined {
  if (sort === field) return `-${field}`;
  return sort === `-${field}` ? undefined : field;
}

export function toggleHidden(hide: string | undefined, name: string): string | undefined {
  const hidden = new Set(namesIn(hide));
  if (!hidden.delete(name)) hidden.add(name);
  return [...hidden].join(",") || undefined;
}

/** Names with commas between them. */
export function namesIn(list: string | undefined): string[] {
  return list?.split(",").filter((name) => name !== "") ?? [];
}
