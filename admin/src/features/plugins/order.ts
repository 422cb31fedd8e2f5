/** The order in which plugins run on a collection: as the server calls them, and what to change to move one. */
import type { Attachment, Plugin } from "@/api/types";

/** A plugin at one of its places. */
export interface Placement {
  plugin: Plugin;
  attachment: Attachment;
}

/** Room between two, so that another fits in later without moving them. */
const step = 10;

/** As the server calls them: by their number, of equal ones the older first. */
export function inOrder(placements: Placement[]): Placement[] {
  return [...placements].sort(
    ({ attachment: a }, { attachment: b }) =>
      a.order - b.order || (a.created ?? "").localeCompare(b.created ?? "") || a.id.localeCompare(b.id),
  );
}

/** The number for one that is to run after all others. */
export function lastOrder(others: Placement[]): number {
  return others.length === 0 ? 0 : Math.max(...others.map(({ attachment }) => attachment.order)) + step;
}

/**
 * The numbers to change so that the placements run as they stand here. If the one that was moved fits between its
 * neighbours it alone is changed, else all are numbered anew.
 */
export function renumbered(
  placements: Placement[],
  movedId: string,
): { placement: Placement; order: number }[] {
  const at = placements.findIndex(({ attachment }) => attachment.id === movedId);
  const placement = placements[at];
  if (!placement) return [];
  const before = placements[at - 1]?.attachment.order;
  const after = placements[at + 1]?.attachment.order;
  const order = between(before, after);
  if (order !== null) return order === placement.attachment.order ? [] : [{ placement, order }];
  return placements
    .map((each, index) => ({ placement: each, order: (index + 1) * step }))
    .filter((each) => each.order !== each.placement.attachment.order);
}

function between(before: number | undefined, after: number | undefined): number | null {
  if (before === undefined) return after === undefined ? 0 : after - step;
  if (after === undefined) return before + step;
  const middle = Math.floor((before + after) / 2);
  return middle > before && middle < after ? middle : null;
}
