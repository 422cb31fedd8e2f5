import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { Link } from "@tanstack/react-router";
import { GripVertical } from "lucide-react";
import { MoveButtons, moved } from "@/components/move-buttons";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import type { Placement } from "./order";
import { HookBadges, StateBadge } from "./plugin-signs";

interface SortablePlacementsProps {
  placements: Placement[];
  /** A move is on its way to the server. */
  pending: boolean;
  onMove: (next: Placement[], movedId: string) => void;
}

/** The plugins of a collection, first to last: moved by dragging, by keys on the handle, or by buttons. */
export function SortablePlacements({ placements, pending, onMove }: SortablePlacementsProps) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const ids = placements.map(({ attachment }) => attachment.id);
  const move = (from: number, to: number) => {
    const id = ids[from];
    if (id !== undefined && from !== to && to >= 0) onMove(moved(placements, from, to), id);
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over) move(ids.indexOf(String(active.id)), ids.indexOf(String(over.id)));
  };
  return (
    <Card className="overflow-hidden" aria-busy={pending}>
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={onDragEnd}
        accessibility={{
          announcements: announcements(placements),
          screenReaderInstructions: { draggable: t("fields.dragHelp") },
        }}
      >
        <SortableContext items={ids} strategy={verticalListSortingStrategy} disabled={pending}>
          <ol aria-label={t("order.list")} className="divide-y divide-line">
            {placements.map((placement, index) => (
              <Row
                key={placement.attachment.id}
                placement={placement}
                index={index}
                count={placements.length}
                onMove={(to) => move(index, to)}
              />
            ))}
          </ol>
        </SortableContext>
      </DndContext>
    </Card>
  );
}

interface RowProps {
  placement: Placement;
  index: number;
  count: number;
  onMove: (to: number) => void;
}

function Row({ placement: { plugin, attachment }, index, count, onMove }: RowProps) {
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    useSortable({ id: attachment.id });
  const name = plugin.name;
  return (
    <li
      ref={setNodeRef}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      className={cn(
        "flex items-center gap-2 bg-surface py-2.5 pr-2 pl-1.5",
        isDragging && "relative z-10 shadow-float",
      )}
    >
      <button
        type="button"
        ref={setActivatorNodeRef}
        {...attributes}
        {...listeners}
        aria-label={t("fields.drag", { name })}
        className="grid h-8 w-6 shrink-0 cursor-grab touch-none place-items-center rounded text-ink-soft/60 hover:text-ink active:cursor-grabbing"
      >
        <GripVertical aria-hidden className="size-4" />
      </button>
      <span className="w-5 shrink-0 text-center text-ink-soft text-sm tabular-nums">{index + 1}</span>
      <div className="grid min-w-0 flex-1 gap-1">
        <div className="flex flex-wrap items-center gap-2">
          <Link
            {...paths.plugin(plugin.id, "runs")}
            className="font-medium underline-offset-4 [overflow-wrap:anywhere] hover:underline"
          >
            {name}
          </Link>
          {plugin.state !== "active" && <StateBadge state={plugin.state} />}
          {!attachment.enabled && <Badge tone="outline">{t("attachments.disabled")}</Badge>}
        </div>
        <HookBadges hooks={attachment.hooks} />
      </div>
      <div className="flex shrink-0">
        <MoveButtons
          index={index}
          count={count}
          upLabel={t("fields.up", { name })}
          downLabel={t("fields.down", { name })}
          onMove={onMove}
        />
      </div>
    </li>
  );
}

/** What a screen reader says while a plugin is moved. */
function announcements(placements: Placement[]): Announcements {
  const at = (id: unknown) => placements.findIndex(({ attachment }) => attachment.id === id);
  const nameOf = (id: unknown) => placements[at(id)]?.plugin.name ?? "";
  const count = placements.length;
  return {
    onDragStart: ({ active }) =>
      t("fields.lifted", { name: nameOf(active.id), place: at(active.id) + 1, count }),
    onDragOver: ({ active, over }) =>
      over ? t("fields.over", { name: nameOf(active.id), place: at(over.id) + 1, count }) : undefined,
    onDragEnd: ({ active, over }) =>
      t("fields.dropped", { name: nameOf(active.id), place: at(over?.id ?? active.id) + 1, count }),
    onDragCancel: ({ active }) => t("fields.cancelled", { name: nameOf(active.id) }),
  };
}
